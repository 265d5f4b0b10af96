// The chat where it lives: on a page of another site, with a policy of its own.
// A visitor writes, an agent answers, the visitor's network goes away and comes
// back, and in the end both have the same words, none of them twice.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import AxeBuilder from '@axe-core/playwright'
import { expect, test, type Browser, type BrowserContext, type Page } from '@playwright/test'
import { becomeAdministrator, startDesk, words, type Desk } from './desk'

/** A company's site, whose pages allow the desk and nothing inline. */
class Site {
  private constructor(private readonly server: Server, readonly url: string) {}

  static async start(page: (path: string) => string, desk: string): Promise<Site> {
    const policy = `default-src 'none'; script-src ${desk}; connect-src ${desk} ${desk.replace('http', 'ws')}; img-src ${desk}; style-src 'none'`
    const server = createServer((q, s) => s.setHeader('content-type', 'text/html; charset=utf-8').setHeader('content-security-policy', policy).end(page(q.url ?? '/')))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return new Site(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }

  stop(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((done) => this.server.close(() => done()))
  }
}

test.use({ actionTimeout: 15_000 })

let desk: Desk
let site: Site
let inbox = ''
let agent: BrowserContext

test.beforeAll(async ({ browser }) => {
  desk = await startDesk()
  site = await Site.start((path) => {
    const lang = path.endsWith('ja') ? 'ja' : 'en'
    return `<!doctype html><html lang="${lang}"><title>Shop</title><main><h1>Bowls</h1><p><a href="#x">Blue bowl</a></p></main><script src="${desk.url}/chat.js" data-inbox="${inbox}" async></script></html>`
  }, desk.url)
  agent = await browser.newContext({ locale: 'en-GB', viewport: { width: 1400, height: 900 } })
  const page = await agent.newPage()
  await becomeAdministrator(page, desk, words('en'))
  inbox = await page.evaluate(async (origin) => {
    const json = async (path: string, body?: unknown): Promise<Record<string, unknown>> => {
      const r = await fetch(`/api/v1${path}`, { method: body ? 'POST' : 'GET', headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) })
      if (!r.ok) throw new Error(`${path}: ${r.status} ${await r.text()}`)
      return (await r.json()) as Record<string, unknown>
    }
    const brands = (await json('/brands')).items as { id: string }[] | undefined
    const brand = brands?.[0] ?? ((await json('/brands', { name: '金継堂', locale: 'ja', timeZone: 'Asia/Tokyo', color: '#1f4d8a' })) as unknown as { id: string })
    return (await json('/inboxes', { kind: 'webchat', brandId: brand.id, name: 'Chat', settings: { origins: [origin], greetingEn: 'How can we help?', greetingJa: 'ご用件をお聞かせください。' } })).id as string
  }, site.url)
  await page.close()
})
test.afterAll(async () => {
  await agent?.close()
  await site?.stop()
  await desk?.stop()
})

const panel = (page: Page) => page.getByRole('dialog')
const log = (page: Page) => page.getByRole('log')
const said = (page: Page) => log(page).locator('.u').allTextContents()

async function visitor(browser: Browser, path = '/', more: object = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', ...more })
  const page = await context.newPage()
  page.on('console', (m) => { if (m.type() === 'error' && /content security policy/i.test(m.text())) throw new Error(m.text()) })
  await page.goto(site.url + path)
  return page
}

/** Axe on the panel alone: the page around it is another company's. */
async function accessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
  expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([])
}

test('a visitor and an agent end with the same words', async ({ browser }) => {
  test.setTimeout(60_000)
  const t = words('en')
  const page = await visitor(browser)
  const context = page.context()

  await test.step('nothing is stored before the visitor begins', async () => {
    await page.getByRole('button', { name: t('chat.panel.open') }).click()
    await expect(log(page)).toContainText('How can we help?')
    expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, ''])
    expect(await context.cookies()).toEqual([])
  })

  await test.step('the first words arrive', async () => {
    await expect(page.getByLabel(t('chat.panel.write'))).toBeFocused()
    await page.keyboard.type('Is the blue bowl in stock?')
    await page.keyboard.press('Enter')
    await expect(log(page)).toContainText(t('chat.panel.sent'))
    expect(await context.cookies()).toEqual([])
  })

  const desktop = await agent.newPage()
  await test.step('the agent finds them and answers', async () => {
    await desktop.goto(`${desk.url}/inbox/all`)
    await desktop.getByText('Is the blue bowl in stock?').filter({ visible: true }).first().click()
    await expect(desktop).toHaveURL(/conv_/)
    await page.keyboard.press('Escape')
    await answer(desktop, 'Yes, we have three.')
    await page.getByRole('button', { name: t('chat.panel.openUnread', { n: 1 }) }).click({ timeout: 20_000 })
    await expect(log(page)).toContainText('Yes, we have three.', { timeout: 20_000 })
  })

  await test.step('the network goes away and comes back', async () => {
    await context.setOffline(true)
    await expect(panel(page).getByRole('status').first()).toHaveText(t('chat.panel.offline'))
    for (const line of ['I take one.', 'No, two.']) {
      await page.getByLabel(t('chat.panel.write')).fill(line)
      await page.keyboard.press('Enter')
    }
    await expect(log(page).getByText(t('chat.panel.waiting'))).toHaveCount(2)
    await answer(desktop, 'It is 40 euros.')
    await context.setOffline(false)
    await expect(log(page).getByText(t('chat.panel.waiting'))).toHaveCount(0)
    await expect(log(page)).toContainText('It is 40 euros.', { timeout: 20_000 })
  })

  await test.step('both have the same words, once', async () => {
    const all = ['Is the blue bowl in stock?', 'Yes, we have three.', 'I take one.', 'No, two.', 'It is 40 euros.']
    expect((await said(page)).slice(1).sort()).toEqual([...all].sort())
    const conversation = /conv_\w+/.exec(desktop.url())![0]
    const there = await desktop.evaluate(async (id) => {
      const r = await fetch(`/api/v1/conversations/${id}/messages`)
      return ((await r.json()) as { items: { kind: string; text: string; delivery: { readAt: string | null } | null }[] }).items
    }, conversation)
    expect(there.filter((m) => m.kind !== 'event').map((m) => m.text).sort()).toEqual([...all].sort())
    await expect.poll(async () => (await desktop.evaluate(async (id) => {
      const r = await fetch(`/api/v1/conversations/${id}/messages`)
      return ((await r.json()) as { items: { kind: string; delivery: { readAt: string | null } | null }[] }).items
    }, conversation)).filter((m) => m.kind === 'outgoing').every((m) => m.delivery?.readAt)).toBe(true)
    await page.reload()
    await page.getByRole('button', { name: t('chat.panel.open') }).click()
    await expect(log(page).locator('.u')).toHaveCount(6)
  })
  await context.close()
  await desktop.close()
})

/** Writes an answer as agents do. */
async function answer(page: Page, text: string): Promise<void> {
  const id = /conv_\w+/.exec(page.url())![0]
  await page.evaluate(async ([id, text]) => {
    const r = await fetch(`/api/v1/conversations/${id}/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ kind: 'reply', text }) })
    if (!r.ok) throw new Error(await r.text())
  }, [id, text])
}

test('the panel serves keyboards and screen readers', async ({ browser }) => {
  const t = words('en')
  const page = await visitor(browser)
  const button = page.getByRole('button', { name: t('chat.panel.open') })
  await button.focus()
  await page.keyboard.press('Enter')
  await expect(panel(page)).toHaveAccessibleName(/Chat with/)
  await accessible(page)
  await page.keyboard.press('Escape')
  await expect(panel(page)).toBeHidden()
  await expect(button).toBeFocused()
  await expect(button).toHaveAttribute('aria-expanded', 'false')
  await page.context().close()
})

test('Enter that ends a composition sends nothing', async ({ browser }) => {
  const t = words('ja')
  const page = await visitor(browser, '/ja')
  await page.getByRole('button', { name: t('chat.panel.open') }).click()
  const text = page.getByLabel(t('chat.panel.write'))
  await text.focus()
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Input.imeSetComposition', { text: 'ちゃわん', selectionStart: 4, selectionEnd: 4 })
  await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229 })
  await cdp.send('Input.insertText', { text: '茶碗' })
  await expect(text).toHaveValue('茶碗')
  expect(await page.evaluate(() => localStorage.length)).toBe(0)
  await text.press('Enter')
  await expect(log(page)).toContainText(t('chat.panel.sent'))
  expect((await said(page)).at(-1)).toBe('茶碗')
  await page.context().close()
})

test('a site that is not listed gets no chat', async ({ browser }) => {
  const other = await Site.start(() => `<!doctype html><html lang="en"><title>Elsewhere</title><script src="${desk.url}/chat.js" data-inbox="${inbox}" async></script></html>`, desk.url)
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  const why = page.waitForEvent('console', (m) => m.type() === 'warning')
  await page.goto(other.url)
  expect((await why).text()).toContain(words('en')('error.chat.origin', { origin: other.url }))
  await expect(page.getByRole('button')).toHaveCount(0)
  await context.close()
  await other.stop()
})

for (const [name, options] of Object.entries({
  'ja-light': { path: '/ja', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  'ja-dark-320': { path: '/ja', colorScheme: 'dark', viewport: { width: 320, height: 640 } },
  'en-dark': { path: '/', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  'en-light-320': { path: '/', colorScheme: 'light', viewport: { width: 320, height: 640 } },
} as const)) {
  test(`the panel can be read: ${name}`, async ({ browser }) => {
    const { path, ...more } = options
    const t = words(path === '/ja' ? 'ja' : 'en')
    const page = await visitor(browser, path, more)
    await page.getByRole('button', { name: t('chat.panel.open') }).click()
    await page.getByLabel(t('chat.panel.write')).fill(path === '/ja' ? '先日届いた青い茶碗に、小さなひびがありました。写真をお送りします。' : 'The blue bowl that came yesterday has a small crack. Here is a picture: https://shop.example/bowl')
    await page.getByLabel(t('chat.panel.attach')).nth(1).setInputFiles([{ name: 'bowl.png', mimeType: 'image/png', buffer: PICTURE }, { name: '納品書.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n') }])
    await page.getByRole('button', { name: t('chat.panel.send') }).click()
    await expect(log(page)).toContainText(t('chat.panel.sent'))
    await expect(log(page).locator('img')).toBeVisible()
    const wide = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
    expect(wide).toBe(true)
    await accessible(page)
    if (process.env.KINTSUGI_PICTURES) await page.screenshot({ path: `${process.env.KINTSUGI_PICTURES}/chat-${name}.png` })
    await page.context().close()
  })
}

/** Calls the desk's API as the administrator. */
async function api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const r = await agent.request.fetch(`${desk.url}/api/v1${path}`, { method, data: body })
  if (!r.ok()) throw new Error(`${path}: ${r.status()} ${await r.text()}`)
  return (await r.json()) as Record<string, unknown>
}

/** A picture for who looks at them, in each theme and width that visitors have. */
async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.KINTSUGI_PICTURES) return
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 320]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: width === 320 ? 640 : 800 })
      await page.screenshot({ path: `${process.env.KINTSUGI_PICTURES}/chat-${name}-${colorScheme}-${width}.png` })
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1280, height: 800 })
}

// One language proves it; the other is for who looks at the pictures.
for (const lang of process.env.KINTSUGI_PICTURES ? (['ja', 'en'] as const) : (['ja'] as const)) {
  test(`what stands beside the conversation: ${lang}`, async ({ browser }) => {
    test.setTimeout(60_000)
    const t = words(lang)
    const say = (ja: string, en: string): string => (lang === 'ja' ? ja : en)
    const was = await api('GET', `/inboxes/${inbox}/reception`)
    await api('PUT', `/inboxes/${inbox}/reception`, {
      version: was.version,
      form: { when: 'always', fields: [
        { name: 'mail', type: 'email', label: { ja: '', en: '' }, required: true, choices: [] },
        { name: 'topic', type: 'choice', label: { ja: 'ご用件', en: 'Topic' }, required: false, choices: [{ ja: '配送について', en: 'Delivery' }, { ja: '返品について', en: 'Returns' }] },
      ] },
      prompts: [{ id: 'p1', active: true, text: { ja: '器選びでお困りですか。', en: 'Can we help you choose a bowl?' }, page: '/side', after: 1, pages: 0, scroll: 0, returning: false, open: false, days: 7 }],
      answers: [
        { id: 'a1', title: { ja: '送料はいくらですか', en: 'What is the postage?' }, body: { ja: '全国一律500円です。5,000円以上で無料になります。\nhttps://shop.example/post', en: 'Five euros; nothing above 50.\nhttps://shop.example/post' } },
        { id: 'a2', title: { ja: '返品はできますか', en: 'Can I return a bowl?' }, body: { ja: '到着から14日以内に承ります。', en: 'Within 14 days.' } },
      ],
    })
    const page = await visitor(browser, `/side/${lang}`)
    const mine = say('青い茶碗を探しています。', 'I look for a blue bowl.')
    const prompt = say('器選びでお困りですか。', 'Can we help you choose a bowl?')

    await test.step('the page says something first, and takes no focus', async () => {
      await expect(page.getByText(prompt)).toBeVisible({ timeout: 20_000 })
      expect(await page.evaluate(() => [document.activeElement?.tagName, localStorage.length])).toEqual(['BODY', 0])
      await accessible(page)
      await picture(page, `prompt-${lang}`)
      await page.getByRole('button', { name: t('chat.panel.reply') }).click()
      await expect(log(page)).toContainText(prompt)
    })

    await test.step('a quick answer is found while typing', async () => {
      await page.getByLabel(t('chat.panel.answersFind')).fill(say('そうりょう 送料', 'postage').split(' ').at(-1)!)
      await picture(page, `answers-${lang}`)
      await page.getByRole('button', { name: say('送料はいくらですか', 'What is the postage?') }).click()
      await expect(page.getByRole('link', { name: 'https://shop.example/post' })).toBeVisible()
      await picture(page, `answer-${lang}`)
      await accessible(page)
      await page.getByRole('button', { name: t('chat.panel.answersNo') }).click()
    })

    await test.step('what is asked before the first words goes with them', async () => {
      await page.getByLabel(t('chat.panel.write')).fill(mine)
      await page.keyboard.press('Enter')
      await expect(page.getByRole('alert').filter({ visible: true })).toHaveText(t('chat.panel.needed', { label: t('chat.panel.email') }))
      const form = page.getByRole('group', { name: t('chat.panel.formTitle') })
      await form.getByLabel(t('chat.panel.email')).fill('mei@customer.example')
      await form.getByRole('combobox').selectOption({ index: 2 })
      await picture(page, `form-${lang}`)
      await page.getByRole('button', { name: t('chat.panel.send') }).click()
      await expect(log(page)).toContainText(t('chat.panel.sent'))
      await expect(form).toBeHidden()
      expect((await said(page)).slice(-2)).toEqual([prompt, mine])
    })

    await test.step('the agent sees it, and the visitor is asked how it went', async () => {
      await api('PUT', `/inboxes/${inbox}/survey-policy`, { enabled: true, delayMinutes: 0, sampling: 100, cooldownDays: 0, quietFrom: '', quietTo: '' })
      const desktop = await agent.newPage()
      await desktop.goto(`${desk.url}/inbox/all`)
      await desktop.getByText(mine).filter({ visible: true }).first().click()
      await expect(desktop.getByText(prompt)).toBeVisible()
      await expect(desktop.getByText('mei@customer.example').first()).toBeVisible()
      if (process.env.KINTSUGI_PICTURES) await desktop.screenshot({ path: `${process.env.KINTSUGI_PICTURES}/chat-agent-${lang}.png` })
      const id = /conv_\w+/.exec(desktop.url())![0]
      await api('PATCH', `/conversations/${id}`, { status: 'resolved' })
      await expect(page.getByRole('radio').first()).toBeVisible({ timeout: 30_000 })
      await picture(page, `survey-${lang}`)
      await accessible(page)
      await page.getByRole('radio').nth(3).check({ force: true })
      await page.getByLabel(t('chat.panel.surveyComment')).fill(say('丁寧でした。', 'Kind.'))
      await page.getByRole('button', { name: t('chat.panel.surveySend') }).click()
      await expect(page.getByRole('button', { name: t('chat.panel.surveyChange') })).toBeVisible()
      await picture(page, `thanks-${lang}`)
      const list = (await api('GET', '/responses')).items as { score: number; conversationId: string }[]
      expect(list.filter((r) => r.conversationId === id).map((r) => r.score)).toEqual([4])
      await desktop.goto(`${desk.url}/settings/inboxes?id=${inbox}`)
      await expect(desktop.getByRole('heading', { name: words('en')('settings.reception.title') })).toBeVisible()
      for (const width of process.env.KINTSUGI_PICTURES ? [1280, 390] : []) {
        await desktop.setViewportSize({ width, height: 3400 })
        for (const colorScheme of ['light', 'dark'] as const) {
          await desktop.emulateMedia({ colorScheme })
          await desktop.screenshot({ path: `${process.env.KINTSUGI_PICTURES}/chat-settings-${lang}-${colorScheme}-${width}.png` })
        }
      }
      const found = await new AxeBuilder({ page: desktop }).analyze()
      expect(found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([])
      await desktop.close()
    })
    await api('PUT', `/inboxes/${inbox}/reception`, { version: Number(was.version) + 1, form: { when: 'never', fields: [] }, prompts: [], answers: [] })
    await page.context().close()
  })
}

/** One blue pixel. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNQ8O4CAAHtASX2Sk0YAAAAAElFTkSuQmCC', 'base64')
