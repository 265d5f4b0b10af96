// Every vector of the collection (internal/kit/rich/testdata/vectors.txt) comes in
// as a mail and is shown by the real message view. Nothing runs, nothing leaves
// its frame, and no request goes anywhere else before the reader allows pictures.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import { post, startDesk, startPeer, words, type Desk, type Peer } from './desk'

const evil = 'https://evil.example'
const file = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'internal', 'kit', 'rich', 'testdata', 'vectors.txt')

function vectors(): Map<string, string[]> {
  const out = new Map<string, string[]>()
  let list: string[] = []
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.startsWith('# ')) out.set(line.slice(2), (list = []))
    else if (line && !line.startsWith('//')) list.push(line.replaceAll('RUN', 'top.pwned=1').replaceAll('EVIL', evil).replaceAll('␀', '\0').replaceAll('⏎', '\n').replaceAll('␉', '\t'))
  }
  return out
}

/** Counts everything that would be noticed, and lets nothing out. */
class Watch {
  abroad: string[] = []
  noticed: string[] = []
  constructor(private desk: string) {}
  async over(context: BrowserContext): Promise<void> {
    await context.route('**/*', async (route) => {
      const url = route.request().url()
      if (url.startsWith(this.desk) || url.startsWith('data:') || url.startsWith('blob:')) return route.continue()
      this.abroad.push(url)
      return route.abort()
    })
    context.on('page', (p) => this.on(p))
  }
  on(page: Page): void {
    page.on('dialog', async (d) => { this.noticed.push(`dialog ${d.message()}`); await d.dismiss() })
    page.on('download', (d) => this.noticed.push(`download ${d.url()}`))
    page.on('popup', (p) => this.noticed.push(`popup ${p.url()}`))
  }
  take(): string[] {
    const all = [...this.noticed, ...this.abroad]
    this.noticed = []
    this.abroad = []
    return all
  }
}

test.describe('hostile mail', () => {
  let desk: Desk, peer: Peer
  test.beforeAll(async () => { ;[desk, peer] = await Promise.all([startDesk(), startPeer()]) })
  test.afterAll(async () => { await desk?.stop(); await peer?.stop() })

  test('nothing runs, leaves its frame or phones home', async ({ browser }) => {
    test.setTimeout(900_000)
    const t = words('en')
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1400, height: 900 } })
    const watch = new Watch(desk.url)
    await watch.over(context)
    const page = await context.newPage()
    await setUp(page)

    await test.step('the watch sees what it should see', async () => {
      await page.setContent(`<img src="${evil}/control.png"><link rel=stylesheet href="${evil}/control.css"><script>window.pwned=1;alert("control")</script>`, { waitUntil: 'domcontentloaded' })
      await expect.poll(() => watch.abroad.length).toBeGreaterThanOrEqual(2)
      expect(watch.noticed).toEqual(['dialog control'])
      expect(await page.evaluate('window.pwned')).toBe(1)
      watch.take()
    })

    const threads = await deliver()
    await page.goto(`${desk.url}/inbox`)
    let shown = 0
    for (const { name, sources } of threads) {
      await test.step(`${name}: ${sources.length}`, async () => {
        const messages = await thread(page, name, sources.length)
        await page.goto(`${desk.url}/inbox/${messages.conversation}`)
        const frames = page.locator('article iframe')
        await expect.poll(() => frames.count(), { timeout: 60_000 }).toBeGreaterThan(0)
        await page.waitForLoadState('networkidle')
        for (const f of page.frames().filter((f) => f.url().includes('/document'))) {
          await provoke(f)
          shown++
        }
        // The same documents by themselves: the policy is the answer's, not the frame's.
        const alone = await context.newPage()
        for (const id of messages.ids) {
          const got = await alone.goto(`${desk.url}/api/v1/messages/${id}/document`)
          expect(got!.headers()['content-security-policy']).toContain("default-src 'none'")
          expect(got!.headers()['content-security-policy']).toContain('sandbox')
          await provoke(alone.mainFrame())
          expect(alone.url(), name).toBe(`${desk.url}/api/v1/messages/${id}/document`)
          shown++
        }
        expect(await alone.evaluate('window.pwned')).toBeUndefined()
        await alone.close()
        expect(watch.take(), name).toEqual([])
        expect(await page.evaluate('window.pwned'), name).toBeUndefined()
        expect(page.url(), name).toContain(desk.url)
        expect(context.pages().length, name).toBe(1)
        expect((await context.cookies()).map((c) => c.name), name).toEqual(['kintsugi_session'])
        // Nothing lies over the desk's own page.
        const top = await page.evaluate(() => document.elementFromPoint(5, 5)?.closest('iframe') === null)
        expect(top, name).toBe(true)
      })
    }
    console.log(`hostile mail: ${threads.reduce((n, c) => n + c.sources.length, 0)} vectors, ${shown} documents shown`)

    await test.step('pictures come when the reader allows them, and only then', async () => {
      const messages = await thread(page, 'pictures and media from elsewhere (1)', 10)
      await page.goto(`${desk.url}/inbox/${messages.conversation}`)
      const allow = page.getByRole('button', { name: t('inbox.mail.show') }).first()
      await expect(allow).toBeVisible()
      expect(watch.take()).toEqual([])
      await allow.click()
      await expect.poll(() => watch.abroad.length).toBeGreaterThan(0)
      expect(watch.abroad.every((u) => /^https?:\/\/evil\.example\//.test(u))).toBe(true)
      expect(watch.noticed).toEqual([])
    })
    await context.close()

    /** Sends every vector: threads of up to ten mails of a class. */
    async function deliver(): Promise<{ name: string; sources: string[] }[]> {
      const threads: { name: string; sources: string[] }[] = []
      for (const [name, list] of vectors()) for (let i = 0; i < list.length; i += 10) threads.push({ name: `${name} (${i / 10 + 1})`, sources: list.slice(i, i + 10) })
      for (const { name, sources } of threads) {
        let first = ''
        for (const html of sources) {
          const sent = (await post(`${peer.http}/deliver`, { from: 'mallory@evil.example', to: 'support@en.example', subject: name, html: `<p>look</p>${html}`, inReplyTo: first })) as { id: string }
          first ||= sent.id
        }
      }
      return threads
    }

    /** The conversation of a class, once all its mails have come in. */
    async function thread(page: Page, name: string, n: number): Promise<{ conversation: string; ids: string[] }> {
      const until = Date.now() + 120_000
      for (;;) {
        const list = (await (await page.request.get(`${desk.url}/api/v1/conversations?limit=100`)).json()) as { items: { id: string; subject: string }[] }
        const ids: string[] = []
        let conversation = ''
        for (const c of list.items.filter((c) => c.subject === name)) {
          const m = (await (await page.request.get(`${desk.url}/api/v1/conversations/${c.id}/messages?limit=200`)).json()) as { items: { id: string; kind: string }[] }
          const incoming = m.items.filter((x) => x.kind === 'incoming')
          if (incoming.length > 1 || n === 1) conversation = c.id
          ids.push(...incoming.map((x) => x.id))
        }
        if (ids.length >= n && conversation) return { conversation, ids }
        if (Date.now() > until) throw new Error(`${name}: ${ids.length} of ${n} mails`)
        await new Promise((r) => setTimeout(r, 500))
      }
    }
  })

  /** Does to every element of a frame what a reader's hand does by accident. */
  async function provoke(frame: import('@playwright/test').Frame): Promise<void> {
    await frame.evaluate(() => {
      for (const e of document.querySelectorAll<HTMLElement>('body, body *')) {
        for (const kind of ['mouseover', 'mouseenter', 'pointerenter', 'mousemove', 'focus', 'beforeinput', 'copy', 'toggle', 'animationstart', 'transitionend']) e.dispatchEvent(new Event(kind, { bubbles: true }))
        const link = e.closest('a')
        if (!link || !/^(https?|mailto|tel):/.test(link.getAttribute('href') ?? '')) e.click()
        e.focus?.()
      }
    })
  }

  async function setUp(page: Page): Promise<void> {
    await post(`${peer.http}/account`, { address: 'support@en.example', password: 'mailbox-secret' })
    const token = new URL(desk.setup).searchParams.get('token')
    const call = async (method: 'post', path: string, data: unknown) => {
      const r = await page.request[method](`${desk.url}/api/v1${path}`, { data })
      expect(r.ok(), `${path}: ${r.status()} ${await r.text()}`).toBe(true)
      return (await r.json()) as { id: string }
    }
    await call('post', '/setup/administrator', { token, name: 'Alex Reed', email: 'admin@en.example', password: 'a long enough password', locale: 'en' })
    const brand = await call('post', '/brands', { name: 'Harbour Pens', locale: 'en', timeZone: 'Europe/London' })
    const server = (address: string) => ({ host: address.split(':')[0], port: Number(address.split(':')[1]), security: 'plain', username: 'support@en.example', password: 'mailbox-secret' })
    await call('post', '/inboxes', { brandId: brand.id, name: 'Support', address: 'support@en.example', active: true, receive: { mode: 'imap', ...server(peer.imap) }, send: { mode: 'smtp', ...server(peer.smtp) } })
  }
})
