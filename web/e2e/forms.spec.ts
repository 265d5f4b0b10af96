// A form as customers meet it: without JavaScript and with it, by keyboard, in
// both languages, on a narrow and dark screen; made by an administrator first.
import { expect, test, type Page } from '@playwright/test'
import { accessible, becomeAdministrator, startDesk, words, type Desk } from './desk'

test.use({ actionTimeout: 10_000 })

let desk: Desk
const en = words('en')
const ja = words('ja')

test.beforeAll(async ({ browser }) => {
  desk = await startDesk()
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  await becomeAdministrator(page, desk, en)
  await page.evaluate(async () => {
    const json = async (path: string, body: unknown): Promise<{ id: string }> => {
      const r = await fetch(`/api/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      if (!r.ok) throw new Error(`${path}: ${r.status} ${await r.text()}`)
      return (await r.json()) as { id: string }
    }
    const brand = await json('/brands', { name: '金継堂', locale: 'ja', timeZone: 'Asia/Tokyo', color: '#1f4d8a' })
    await json('/inboxes', { brandId: brand.id, name: 'Support', address: 'support@shop.example', receive: { mode: 'none' }, send: { mode: 'none' } })
  })
  await page.goto(`${desk.url}/settings/forms`)
  await page.getByRole('link', { name: en('settings.forms.new') }).first().click()
  await page.getByLabel(en('settings.forms.kind')).selectOption('complaint')
  await page.getByLabel(en('settings.forms.slug')).fill('complain')
  const title = en('settings.forms.title')
  await page.getByLabel(en('settings.forms.inJa', { what: title })).fill('お申し出')
  await page.getByLabel(en('settings.forms.inEn', { what: title })).fill('Tell us what went wrong')
  await page.getByRole('button', { name: en('settings.forms.addField') }).click()
  const second = page.locator('li[data-field]').nth(1)
  await second.getByLabel(en('settings.forms.inEn', { what: en('settings.forms.label') })).fill('Order')
  await second.getByLabel(en('settings.forms.type')).selectOption('order')
  await page.getByRole('button', { name: en('settings.forms.up', { n: 2 }) }).click()
  await expect(page.locator('li[data-field]').first().getByLabel(en('settings.forms.inEn', { what: en('settings.forms.label') }))).toHaveValue('Order')
  await accessible(page)
  await page.screenshot({ path: 'test-results/forms-editor.png', fullPage: true })
  await page.getByRole('button', { name: en('app.save') }).click()
  await expect(page.getByRole('link', { name: /Tell us what went wrong/ })).toBeVisible()
  await context.close()
})
test.afterAll(() => desk?.stop())

const narrow = { viewport: { width: 320, height: 700 } }
const wide = async (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)

test('without JavaScript, in Japanese, on a small dark screen', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'ja-JP', javaScriptEnabled: false, colorScheme: 'dark', ...narrow })
  const page = await context.newPage()
  await page.goto(`${desk.url}/c/complain`)
  await page.getByLabel('Order').fill('Ａ－１０２４')
  await page.getByLabel(ja('form.page.email')).fill('no address')
  await page.waitForTimeout(3200) // what a person takes
  await page.getByRole('button', { name: ja('form.page.send') }).click()
  await expect(page.getByRole('alert')).toContainText(ja('error.form.email'))
  await expect(page.getByLabel('Order')).toHaveValue('Ａ－１０２４')
  await page.screenshot({ path: 'test-results/forms-wrong-ja.png', fullPage: true })
  await page.getByLabel(ja('form.page.email')).fill('')
  await page.getByLabel('ご用件').fill('茶碗が割れて届きました。')
  await page.waitForTimeout(3200)
  await page.getByRole('button', { name: ja('form.page.send') }).click()
  await expect(page.getByText(ja('form.thanks.noMail'))).toBeVisible()
  await expect(page.getByText('茶碗が割れて届きました。')).toBeVisible()
  await page.screenshot({ path: 'test-results/forms-thanks-ja.png', fullPage: true })
  await context.close()
})

test('with JavaScript, in English, by keyboard', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'en-GB', ...narrow })
  const page = await context.newPage()
  page.on('console', (m) => { if (m.type() === 'error' && /content security policy/i.test(m.text())) throw new Error(m.text()) })
  await page.goto(`${desk.url}/c/complain`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Tell us what went wrong')
  await accessible(page)
  expect(await wide(page)).toBe(true)
  await page.screenshot({ path: 'test-results/forms-en.png', fullPage: true })
  await expect(page.locator('input[name=work]')).not.toHaveValue('') // the work is done while one types
  await page.getByLabel(en('form.page.name')).focus()
  await page.keyboard.type('Ada')
  await page.keyboard.press('Tab')
  await page.keyboard.type('ada@customer.example')
  await page.keyboard.press('Tab')
  await page.keyboard.type('A-1')
  await page.keyboard.press('Tab')
  await page.keyboard.type('The bowl <b>broke</b>.')
  await page.getByLabel(en('form.page.files')).setInputFiles({ name: 'bowl.txt', mimeType: 'text/plain', buffer: Buffer.from('broken') })
  await page.waitForTimeout(3000)
  await page.getByRole('button', { name: en('form.page.send') }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText(en('form.thanks.text'))).toBeVisible()
  await expect(page.getByText('The bowl <b>broke</b>.')).toBeVisible()
  await expect(page.getByText('bowl.txt')).toBeVisible()
  await accessible(page)
  await page.getByLabel(en('form.status.add')).fill('I forgot: it was blue.')
  await page.waitForTimeout(3000)
  await page.getByRole('button', { name: en('form.status.send') }).click()
  await expect(page.getByText('I forgot: it was blue.')).toBeVisible()
  await page.screenshot({ path: 'test-results/forms-status-en.png', fullPage: true })
  await page.getByRole('link', { name: en('form.page.language') }).click()
  await expect(page.getByText(ja('form.state.received')).first()).toBeVisible()
  await context.close()
})
