// Every page of the demonstration, in both languages and both themes: it shows
// something, it breaks nothing, nothing scrolls sideways, also on a phone, and axe
// finds nothing serious; every form of the settings saves. On a new instance every empty page has a next step. And
// what is printed fits its paper.
import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import { accessible, becomeAdministrator, startDemo, startDesk, words, type Desk } from './desk'

const wide = { width: 1280, height: 800 }
const phone = { width: 390, height: 844 }

const paths = [
  '/inbox/all', '/customers', '/search?q=refund', '/cases', '/responses', '/loop', '/settings/profile', '/settings/inboxes', '/settings/surveys', '/settings/ledger', '/post-office', '/shop',
  '/inbox/mine', '/inbox/mentions', '/inbox/all?status=any', '/cases?view=list&state=any', '/responses?tab=invitations', '/settings/inboxes?new=1', '/settings/inboxes?new=email', '/settings/brands?new=1', '/settings/contacts?new=1', '/settings/forms?new=1', ...['contacts', 'forms', 'places', 'sessions', 'brands', 'tags', 'agents', 'teams', 'authority', 'jobs', 'keys', 'api'].map((s) => `/settings/${s}`),
]

interface Listed { items: { id: string }[] }
const first = async (context: BrowserContext, address: string) => ((await (await context.request.get(address)).json()) as Listed).items[0].id

/** What scrolls sideways and does not say so: a chart or a table that may is marked with overflow-x-auto. */
const sideways = (page: Page): Promise<string[]> => page.evaluate(async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  const out = document.documentElement.scrollWidth > innerWidth + 1 ? [`the page: ${document.documentElement.scrollWidth}`] : []
  for (const e of document.querySelectorAll<HTMLElement>('body *')) {
    if (e.scrollWidth <= e.clientWidth + 1 || e.clientWidth === 0 || e.closest('.overflow-x-auto, pre, textarea, input, iframe, .sr-only')) continue
    if (['auto', 'scroll'].includes(getComputedStyle(e).overflowX)) out.push(`${e.tagName} ${e.getAttribute('aria-label') ?? e.className}: ${e.scrollWidth} of ${e.clientWidth}`)
  }
  return out
})

async function whole(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await expect(page.locator('main, [role=main], h1').first()).toBeVisible()
  await page.waitForLoadState('networkidle')
}

/** Presses the first submit button in `scope` and returns what the server said. */
async function save(page: Page, scope: string): Promise<number> {
  const said = page.waitForResponse((r) => r.url().includes('/api/v1/') && ['POST', 'PUT', 'PATCH'].includes(r.request().method()))
  await page.locator(`${scope} button[type=submit]`).first().click()
  return (await said).status()
}

test.describe('the demonstration', () => {
  let desk: Desk
  test.beforeAll(async () => { desk = await startDemo() })
  test.afterAll(async () => { await desk?.stop() })
  const enter = (context: BrowserContext, email: string) => context.request.post(`${desk.url}/api/v1/session`, { data: { email, password: 'kintsugi-golden-seam' } })

  for (const [lang, locale] of [['ja', 'ja-JP'], ['en', 'en-GB']] as const) {
    test(`every page (${lang})`, async ({ browser }) => {
      const context = await browser.newContext({ locale, viewport: wide })
      await enter(context, 'admin@kintsugi.example')
      const api = `${desk.url}/api/v1`
      await context.request.patch(`${api}/me`, { data: { locale: lang } })
      const ones = [`/inbox/all/${await first(context, `${api}/conversations?status=any&limit=1`)}?status=any`, `/cases/${await first(context, `${api}/cases?state=any&limit=1`)}`, `/customers/${await first(context, `${api}/customers?limit=1`)}`, `/settings/inboxes?id=${await first(context, `${api}/inboxes`)}`]
      const page = await context.newPage()
      const faults: string[] = []
      page.on('pageerror', (e) => faults.push(`${page.url()}: ${e.message}`))
      for (const path of [...paths, ...ones]) {
        await test.step(path, async () => {
          await whole(page, desk.url + path)
          await expect(page.locator('html')).toHaveAttribute('lang', lang)
          expect.soft(await sideways(page), `${path} scrolls sideways`).toEqual([])
          await accessible(page)
          if (lang === 'ja') { // the language changes no colour
            await page.evaluate(() => (document.documentElement.dataset.theme = 'dark'))
            await accessible(page, ['color-contrast']) // all that the theme changes
          }
          await page.setViewportSize(phone)
          expect.soft(await sideways(page), `${path} scrolls sideways on a phone`).toEqual([])
          await page.setViewportSize(wide)
        })
      }
      expect(faults).toEqual([])
      await context.close()
    })
  }

  test('a case is printed on two sheets of A4', async ({ browser }) => {
    const context = await browser.newContext({ locale: 'ja-JP', colorScheme: 'dark', viewport: wide })
    await enter(context, 'sakura@hanamizuki.example')
    const page = await context.newPage()
    const cases = (await (await context.request.get(`${desk.url}/api/v1/cases?state=any&limit=50`)).json()) as Listed
    const told = await Promise.all(cases.items.map(async ({ id }) => (await (await context.request.get(`${desk.url}/api/v1/cases/${id}`)).json()) as { id: string; conversationId: string; story: unknown[] }))
    const longest = told.sort((a, b) => b.story.length - a.story.length)[0]
    const print = async () => {
      await whole(page, `${desk.url}/cases/${longest.id}`)
      const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1')
      expect(pdf).toMatch(/\/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/)
      return (pdf.match(/\/Type\s*\/Page\b/g) ?? []).length
    }
    expect(await print()).toBeLessThanOrEqual(2)
    for (let i = 0; i < 40; i++) {
      const r = await context.request.post(`${desk.url}/api/v1/conversations/${longest.conversationId}/messages`, { data: { kind: 'note', text: 'お客様の件で倉庫と運送会社に確認しました。'.repeat(20) } })
      expect(r.ok(), await r.text()).toBe(true)
    }
    expect(await print()).toBe(2)
    await page.emulateMedia({ media: 'print' })
    await expect(page.getByText(/ここに \d+ 件の記録を省いています/)).toBeVisible()
  })

  // Every form that shows something that exists saves it: as it is, as an administrator
  // would who looks and presses Save, and with another name.
  test('every form of the settings saves', async ({ browser }) => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } })
    await context.request.post(`${desk.url}/api/v1/session`, { data: { email: 'admin@kintsugi.example', password: 'kintsugi-golden-seam' } })
    const ids = async (what: string) => ((await (await context.request.get(`${desk.url}/api/v1/${what}`)).json()) as { items: { id: string }[] }).items.map((i) => i.id)
    const t = words('en')
    const [inboxes, brands] = [await ids('inboxes'), await ids('brands')]
    const page = await context.newPage()
    const open = async (path: string) => {
      await page.goto(desk.url + path)
      await page.waitForLoadState('networkidle')
    }

    for (const path of [`/settings/inboxes?id=${inboxes[0]}`, `/settings/brands?id=${brands[0]}`, `/settings/surveys?id=${inboxes[0]}`, '/settings/profile', `/settings/contacts?id=${(await ids('contact-points'))[0]}`]) {
      await test.step(path, async () => {
        await open(path)
        expect(await save(page, 'main'), path).toBeLessThan(300)
        await expect(page.locator('main [role=alert]')).toHaveCount(0)
      })
    }
    for (const section of ['tags', 'agents', 'authority']) {
      await test.step(section, async () => {
        await open(`/settings/${section}`)
        await page.locator('main td button').first().click()
        expect(await save(page, 'dialog, [role=dialog]'), section).toBeLessThan(300)
        await expect(page.getByRole('dialog')).toHaveCount(0)
      })
    }

    await open(`/settings/inboxes?id=${inboxes[0]}`)
    await page.getByLabel(t('setup.inbox.name')).fill('Front desk')
    expect(await save(page, 'main')).toBeLessThan(300)
    await expect(page.getByText('Front desk').first()).toBeVisible()
    await context.close()
  })
})

test.describe('a new instance', () => {
  let desk: Desk
  test.beforeAll(async () => { desk = await startDesk() })
  test.afterAll(async () => { await desk?.stop() })

  test('an empty page has a next step', async ({ browser }) => {
    const t = words('ja')
    const context = await browser.newContext({ locale: 'ja-JP', viewport: wide })
    const page = await context.newPage()
    await becomeAdministrator(page, desk, t)
    const empty = ['/inbox/mine', '/inbox/mentions', '/inbox/all', '/customers', '/customers?q=zzz', '/search?q=zzz', '/cases', '/responses', '/responses?tab=invitations', '/loop', ...['teams', 'brands', 'inboxes', 'contacts', 'forms', 'places', 'tags', 'surveys', 'keys', 'ledger', 'jobs'].map((s) => `/settings/${s}`)]
    for (const path of empty) {
      await test.step(path, async () => {
        await whole(page, desk.url + path)
        const places = await page.locator('[data-empty]').filter({ visible: true }).all()
        expect.soft(places.length, `${path} does not say that it is empty`).toBeGreaterThan(0)
        for (const place of places) expect.soft(await place.locator('a[href], button').count(), `${path} offers nothing to do: ${await place.innerText()}`).toBeGreaterThan(0)
      })
    }
    await accessible(page)
    await context.close()
  })
})
