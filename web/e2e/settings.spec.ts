// Every form of the settings that shows something that exists saves it: as it is,
// as an administrator would who looks and presses Save, and with another name.
import { expect, test, type Page } from '@playwright/test'
import { startDemo, words, type Desk } from './desk'

const t = words('en')
let desk: Desk
test.beforeAll(async () => { desk = await startDemo() })
test.afterAll(async () => { await desk?.stop() })

/** Presses the first submit button in `scope` and returns what the server said. */
async function save(page: Page, scope: string): Promise<number> {
  const said = page.waitForResponse((r) => r.url().includes('/api/v1/') && ['POST', 'PUT', 'PATCH'].includes(r.request().method()))
  await page.locator(`${scope} button[type=submit]`).first().click()
  return (await said).status()
}

test('every form of the settings saves', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } })
  await context.request.post(`${desk.url}/api/v1/session`, { data: { email: 'admin@kintsugi.example', password: 'kintsugi-golden-seam' } })
  const ids = async (what: string) => ((await (await context.request.get(`${desk.url}/api/v1/${what}`)).json()) as { items: { id: string }[] }).items.map((i) => i.id)
  const [inboxes, brands] = [await ids('inboxes'), await ids('brands')]
  const page = await context.newPage()
  const open = async (path: string) => {
    await page.goto(desk.url + path)
    await page.waitForLoadState('networkidle')
  }

  for (const path of [`/settings/inboxes?id=${inboxes[0]}`, `/settings/brands?id=${brands[0]}`, `/settings/surveys?id=${inboxes[0]}`, '/settings/profile']) {
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
