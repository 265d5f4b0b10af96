// A desk of one's own for each test file: the binary on an empty data folder, a
// mail provider beside it, and the words of the interface in the test's language.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export interface Desk { url: string; setup: string; stop: () => Promise<void> }
export interface Peer { http: string; imap: string; smtp: string; stop: () => Promise<void> }

/** Runs a program until its output satisfies `ready`. */
function start(program: string, args: string[], ready: (out: string) => boolean): Promise<{ out: string; child: ChildProcess }> {
  return new Promise((done, fail) => {
    const child = spawn(join(root, 'bin', program), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    const late = setTimeout(() => fail(new Error(`${program} did not start:\n${out}${err}`)), 120_000)
    child.stderr!.on('data', (b: Buffer) => (err = (err + b.toString()).slice(-4000)))
    child.stdout!.on('data', (b: Buffer) => {
      out += b.toString()
      if (!ready(out)) return
      clearTimeout(late)
      done({ out, child })
    })
    child.on('exit', (code) => fail(new Error(`${program} ended with ${code}:\n${out}${err}`)))
  })
}

const stopper = (child: ChildProcess) => () => new Promise<void>((done) => {
  child.removeAllListeners('exit')
  child.once('exit', () => done())
  child.kill('SIGTERM')
})

/** An empty database in the cluster the suite is given (`make test-e2e` starts one), or undefined without one. */
function emptyPostgres(): string | undefined {
  const cluster = process.env.KINTSUGI_TEST_POSTGRES
  if (!cluster) return undefined
  const url = new URL(cluster.replace('@/', '@localhost/')) // a socket's address has no host
  const name = `e2e_${process.pid}_${Date.now()}`
  execFileSync('psql', ['-qX', '-h', url.searchParams.get('host') ?? url.hostname, '-p', url.searchParams.get('port') ?? (url.port || '5432'), '-U', url.username, '-d', 'postgres', '-c', `CREATE DATABASE ${name}`])
  return cluster.replace(/\/[^/?]*(?=\?|$)/, `/${name}`)
}

export type Engine = 'sqlite' | 'postgres'

export async function startDesk(engine: Engine = 'sqlite'): Promise<Desk> {
  const data = mkdtempSync(join(tmpdir(), 'kintsugi-e2e-'))
  const database = engine === 'postgres' ? emptyPostgres() : ''
  if (database === undefined) throw new Error('no PostgreSQL: KINTSUGI_TEST_POSTGRES is not set; `make test-e2e` starts a throw-away cluster and sets it')
  const where = database ? ['--database', database] : []
  const { out, child } = await start('kintsugi', ['serve', '--http', '127.0.0.1:0', '--data', data, '--allow-net', '127.0.0.0/8', ...where], (o) => o.includes('setup?token='))
  const stop = stopper(child)
  return {
    url: /Open\s+(\S+)/.exec(out)![1],
    setup: /(\S+setup\?token=\S+)/.exec(out)![1],
    stop: async () => { await stop(); rmSync(data, { recursive: true, force: true }) },
  }
}

export async function startDemo(): Promise<Desk> {
  const { out, child } = await start('kintsugi', ['demo', '--http', '127.0.0.1:0'], (o) => o.includes('post-office'))
  return { url: /Open\s+(\S+)/.exec(out)![1], setup: '', stop: stopper(child) }
}

export async function startPeer(): Promise<Peer> {
  const { out, child } = await start('tools/peer', [], (o) => o.includes('\n'))
  return { ...(JSON.parse(out) as { http: string; imap: string; smtp: string }), stop: stopper(child) }
}

export async function post(url: string, body: unknown): Promise<unknown> {
  const r = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  if (!r.ok) throw new Error(`${url}: ${r.status} ${await r.text()}`)
  return r.status === 204 ? undefined : r.json()
}

export interface Sent { id: string; subject: string; text: string }

/** The newest mail to an address that satisfies `match`, once there is one. */
export async function mailTo(peer: Peer, address: string, match: (m: Sent) => boolean): Promise<Sent> {
  const until = Date.now() + 60_000
  for (;;) {
    const list = (await (await fetch(`${peer.http}/sent?to=${encodeURIComponent(address)}`)).json()) as Sent[]
    const found = list.reverse().find(match)
    if (found) return found
    if (Date.now() > until) throw new Error(`no such mail to ${address}; there are: ${list.map((m) => m.subject).join(' | ')}`)
    await new Promise((r) => setTimeout(r, 250))
  }
}

/** The catalogue of a language, as the interface uses it. */
export function words(lang: 'ja' | 'en'): (key: string, args?: Record<string, string | number>) => string {
  const all: Record<string, string> = {}
  const dir = join(root, 'web', 'messages', lang)
  for (const f of readdirSync(dir)) Object.assign(all, JSON.parse(readFileSync(join(dir, f), 'utf8')))
  return (key, args = {}) => {
    if (!(key in all)) throw new Error(`no message ${key} in ${lang}`)
    return Object.entries(args).reduce((s, [k, v]) => s.replaceAll(`{${k}}`, String(v)), all[key])
  }
}

/** Opens the set-up link of a new desk and does the one step that cannot be skipped. */
export async function becomeAdministrator(page: Page, desk: Desk, t: ReturnType<typeof words>): Promise<void> {
  await page.goto(desk.setup)
  await page.getByLabel(t('setup.name')).fill('相川 葵')
  await page.getByLabel(t('session.email')).fill('admin@example.jp')
  await page.getByLabel(t('session.password')).fill('a long enough password')
  await page.getByRole('button', { name: t('setup.continue') }).click()
  await expect(page.getByLabel(t('setup.brand.name'))).toBeVisible()
}

/** Asserts that axe finds nothing serious on the page, by all rules or by some. */
export async function accessible(page: Page, rules?: string[]): Promise<void> {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished))) // a colour on its way is none
  const axe = new AxeBuilder({ page }).exclude('iframe')
  const found = await (rules ? axe.withRules(rules) : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])).analyze()
  const serious = found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
  expect(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([])
}
