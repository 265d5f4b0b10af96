// The pictures of the README, from the demonstration: docs/pictures. @screenshot
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type Page } from '@playwright/test'
import { startDemo, type Desk } from './desk'

const out = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'pictures')
let desk: Desk
test.beforeAll(async () => { mkdirSync(out, { recursive: true }); desk = await startDemo() })
test.afterAll(async () => { await desk?.stop() })

for (const [lang, locale, email] of [['ja', 'ja-JP', 'sakura@hanamizuki.example'], ['en', 'en-GB', 'nora@larkfield.example']] as const) {
  test(`pictures in ${lang} @screenshot`, async ({ browser }) => {
    const context = await browser.newContext({ locale, viewport: { width: 1440, height: 900 } })
    await context.request.post(`${desk.url}/api/v1/session`, { data: { email, password: 'kintsugi-golden-seam' } })
    const page = await context.newPage()
    const take = async (name: string, path: string, prepare?: (p: Page) => Promise<void>, full = false) => {
      await page.goto(desk.url + path)
      await page.waitForLoadState('networkidle')
      await prepare?.(page)
      await page.waitForTimeout(800)
      await page.screenshot({ path: join(out, `${name}-${lang}.png`), fullPage: full })
    }
    const ownWords = lang === 'ja' ? /[ぁ-ん]/ : /^[^ぁ-ん]*$/ // a picture for readers of one language
    await take('inbox', '/inbox/any', async (p) => { await p.getByRole('option').filter({ hasText: ownWords }).nth(2).click() })
    const cases = (await (await context.request.get(`${desk.url}/api/v1/cases?state=closed&limit=50`)).json()) as { items: { id: string; outcome: string; customer: { name: string } }[] }
    const ours = cases.items.find((c) => c.outcome === 'recovered' && /[a-z]/i.test(c.customer.name) === (lang === 'en'))
    if (ours) await take('case', `/cases/${ours.id}`)
    await take('cases', '/cases')
    await take('loop', '/loop')
    const mails = (await (await context.request.get(`${desk.url}/api/v1/demo/mails?limit=200`)).json()) as { items: { text: string; to: { address: string } }[] }
    const links = mails.items.filter((m) => m.to.address.endsWith(lang === 'ja' ? 'mail.example' : 'post.example')).flatMap((m) => /\/s\/[\w-]+/.exec(m.text)?.[0] ?? [])
    let link = ''
    for (const l of links) {
      await page.goto(desk.url + l)
      if ((await page.getByRole('radio').count()) > 0) { link = l; break } // nobody has answered it yet
    }
    if (link) { await page.setViewportSize({ width: 480, height: 760 }); await take('survey', `${link}?score=2`) }
    await context.close()
  })
}
