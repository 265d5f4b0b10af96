// Every page of the demonstration, in both languages and both themes: it shows
// something, it breaks nothing, and axe finds nothing serious.
import { expect, test } from '@playwright/test'
import { accessible, startDemo, type Desk } from './desk'

const paths = ['/inbox/all', '/customers', '/search?q=refund', '/cases', '/responses', '/loop', '/settings/profile', '/settings/inboxes', '/settings/surveys', '/settings/ledger', '/post-office']
let desk: Desk
test.beforeAll(async () => { desk = await startDemo() })
test.afterAll(async () => { await desk?.stop() })

for (const [lang, locale, email] of [['ja', 'ja-JP', 'sakura@hanamizuki.example'], ['en', 'en-GB', 'nora@larkfield.example']] as const) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`every page (${lang}, ${scheme})`, async ({ browser }) => {
      const context = await browser.newContext({ locale, colorScheme: scheme })
      await context.request.post(`${desk.url}/api/v1/session`, { data: { email, password: 'kintsugi-golden-seam' } })
      const page = await context.newPage()
      const faults: string[] = []
      page.on('pageerror', (e) => faults.push(e.message))
      for (const path of paths) {
        await test.step(path, async () => {
          await page.goto(desk.url + path)
          await expect(page.locator('main, [role=main], h1').first()).toBeVisible()
          await page.waitForLoadState('networkidle')
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 'scrolls sideways').toBeLessThanOrEqual(1)
          await accessible(page)
        })
      }
      expect(faults).toEqual([])
      await context.close()
    })
  }
}
