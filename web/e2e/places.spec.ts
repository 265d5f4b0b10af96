// Places and their stickers: made and printed at the desk, scanned on a small
// screen, answered by two taps, and at the counter without a network.
import { expect, test, type Page } from '@playwright/test'
import jsQR from 'jsqr'
import { readFileSync } from 'node:fs'
import { accessible, becomeAdministrator, startDesk, words, type Desk } from './desk'

test.use({ actionTimeout: 10_000 })
test.describe.configure({ mode: 'serial' })

let desk: Desk
let admin: Page
const en = words('en')
const ja = words('ja')

interface Sticker { id: string; url: string; kioskUrl: string; funnel: { scans: number; starts: number; submits: number; kiosk: number; complaints: number } }
let placeId = ''
const stickers = async (): Promise<Sticker[]> => ((await (await admin.request.get(`${desk.url}/api/v1/places/${placeId}/stickers`)).json()) as { items: Sticker[] }).items

test.beforeAll(async ({ browser }) => {
  desk = await startDesk()
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, acceptDownloads: true })
  admin = await context.newPage()
  await becomeAdministrator(admin, desk, en)
  await admin.evaluate(async () => {
    const json = async (path: string, body: unknown): Promise<{ id: string }> => {
      const r = await fetch(`/api/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      if (!r.ok) throw new Error(`${path}: ${r.status} ${await r.text()}`)
      return (await r.json()) as { id: string }
    }
    const brand = await json('/brands', { name: '金継堂', locale: 'ja', timeZone: 'Asia/Tokyo', color: '#1f4d8a' })
    await json('/inboxes', { brandId: brand.id, name: 'Support', address: 'support@shop.example', receive: { mode: 'none' }, send: { mode: 'none' } })
  })
})
test.afterAll(async () => {
  await admin?.context().close()
  await desk?.stop()
})

/** What a code in a picture of the page leads to, as a telephone reads it. */
async function read(page: Page, picture: Buffer, kind: string): Promise<string> {
  const side = 320
  const grey = await page.evaluate(async ([base64, type, n]) => {
    const image = new Image()
    image.src = `data:${type};base64,${base64}`
    await image.decode()
    const c = new OffscreenCanvas(n, n).getContext('2d')!
    c.drawImage(image, 0, 0, n, n)
    const { data } = c.getImageData(0, 0, n, n)
    return Array.from({ length: n * n }, (_, i) => (data[4 * i]! > 127 ? '1' : '0')).join('')
  }, [picture.toString('base64'), kind, side] as const)
  const pixels = new Uint8ClampedArray(4 * side * side)
  for (let i = 0; i < grey.length; i++) pixels.fill(grey[i] === '1' ? 255 : 0, 4 * i, 4 * i + 3)
  return jsQR(pixels, side, side)?.data ?? ''
}

test('a place is made and its stickers are printed', async () => {
  await admin.goto(`${desk.url}/settings/places`)
  await accessible(admin)
  await admin.getByRole('button', { name: en('settings.places.new') }).click()
  const name = en('settings.places.name')
  await admin.getByLabel(en('settings.forms.inJa', { what: name })).fill('新宿本店')
  await admin.getByLabel(en('settings.forms.inEn', { what: name })).fill('Shinjuku shop')
  await accessible(admin)
  await admin.getByRole('button', { name: en('app.save') }).click()
  await expect(admin.getByRole('heading', { name: '新宿本店 / Shinjuku shop' })).toBeVisible()
  placeId = new URL(admin.url()).searchParams.get('id')!
  await admin.getByRole('button', { name: en('settings.places.issue') }).first().click()
  await admin.getByLabel(en('settings.places.labels')).fill('入口\n2F レジ')
  await admin.getByRole('dialog').getByRole('button', { name: en('settings.places.issueDo') }).click()
  await expect(admin.getByText('2F レジ')).toBeVisible()

  await admin.getByRole('button', { name: en('settings.places.print') }).click()
  await admin.getByLabel(en('settings.places.paper'), { exact: true }).selectOption('a4-65')
  await admin.getByLabel(en('settings.places.start')).fill('64')
  await admin.getByLabel(en('settings.places.copies')).fill('2')
  await expect(admin.getByRole('figure')).toContainText('2 sheets')
  await accessible(admin)
  await admin.screenshot({ path: 'test-results/places-print.png' })
  const sheet = admin.waitForEvent('download')
  await admin.getByRole('link', { name: en('settings.places.pdf') }).click()
  const pdf = readFileSync(await (await sheet).path())
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  expect(pdf.toString('latin1').match(/\/Type \/Page\b[^s]/g)).toHaveLength(2)
  expect(pdf.length).toBeGreaterThan(10_000) // with the letters that it uses
  await admin.keyboard.press('Escape')

  const [one] = await stickers()
  for (const [format, kind] of [['png', 'image/png'], ['svg', 'image/svg+xml']] as const) {
    const picture = await (await admin.request.get(`${desk.url}/api/v1/stickers/${one!.id}/image?format=${format}`)).body()
    expect(await read(admin, picture, kind), format).toBe(one!.url.toUpperCase())
  }
})

test('the address of an inbox is a code, too', async () => {
  const brands = (await (await admin.request.get(`${desk.url}/api/v1/brands`)).json()) as { items: { id: string }[] }
  const made = await admin.request.post(`${desk.url}/api/v1/inboxes`, { headers: { origin: desk.url }, data: { brandId: brands.items[0]!.id, kind: 'line', name: 'LINE', settings: { channelSecret: 's', channelAccessToken: 't', basicId: '@shop' } } })
  await admin.goto(`${desk.url}/settings/inboxes?id=${((await made.json()) as { id: string }).id}`)
  await admin.getByLabel(en('settings.channel.arrivalWords')).fill("About (my) order's state: 注文")
  const link = await admin.getByRole('region', { name: en('settings.channel.arrival') }).locator('pre').textContent()
  for (const [format, kind] of [['png', 'image/png'], ['svg', 'image/svg+xml']] as const) {
    const file = admin.waitForEvent('download')
    await admin.getByRole('link', { name: en(`settings.places.${format}`) }).click()
    expect((await file).suggestedFilename()).toBe(`qr-LINE.${format}`)
    expect(await read(admin, readFileSync(await (await file).path()), kind), format).toBe(link)
  }
  await accessible(admin)
})

test('two taps on a small screen, without scripts', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'ja-JP', javaScriptEnabled: false, viewport: { width: 320, height: 640 } })
  const page = await context.newPage()
  const [one] = await stickers()
  const url = new URL(one!.url)
  await page.goto(`${desk.url}${url.pathname.toUpperCase()}`) // as the code has it
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(ja('place.question.place', { name: '新宿本店' }))
  await page.screenshot({ path: 'test-results/places-scan-ja.png', fullPage: true })
  await page.getByRole('button', { name: ja('survey.score.5') }).click()
  await page.getByRole('button', { name: ja('place.say.send') }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(ja('place.thanks.title'))

  await page.goto(`${desk.url}${url.pathname}`)
  await page.getByRole('button', { name: ja('survey.score.1') }).click()
  await page.screenshot({ path: 'test-results/places-say-ja.png', fullPage: true })
  await page.getByLabel(ja('place.say.words')).fill('床が濡れていて滑りました。')
  await page.getByLabel(ja('place.field.email')).fill('taro@customer.example')
  await page.getByRole('button', { name: ja('place.say.ask') }).click()
  await expect(page.getByText('床が濡れていて滑りました。')).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('#1001')
  await context.close()

  const [counted] = await stickers()
  expect(counted!.funnel).toMatchObject({ scans: 2, starts: 2, submits: 2, complaints: 1 })
  await admin.goto(`${desk.url}/settings/places?id=${placeId}`)
  await admin.getByRole('link', { name: en('settings.places.conversation') }).click()
  await expect(admin.getByText('床が濡れていて滑りました。').filter({ visible: true }).first()).toBeVisible()
  await admin.goto(`${desk.url}/cases`)
  await expect(admin.locator('a[href*="/cases/"]').first()).toBeVisible()
})

test('the pages are for everybody', async ({ browser }) => {
  const [one] = await stickers()
  for (const look of [{ colorScheme: 'light', locale: 'en-GB' }, { colorScheme: 'dark', locale: 'ja-JP' }] as const) {
    const context = await browser.newContext({ ...look, viewport: { width: 320, height: 640 } })
    const page = await context.newPage()
    const lang = look.locale.slice(0, 2)
    const t = lang === 'ja' ? ja : en
    const check = async (name: string) => {
      await accessible(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), name).toBe(true)
      await page.screenshot({ path: `test-results/places-${name}-${lang}-${look.colorScheme}.png`, fullPage: true })
    }
    await page.goto(`${desk.url}${new URL(one!.url).pathname}`)
    await (lang === 'en' ? check('ask') : page.screenshot({ path: 'test-results/places-ask-ja-dark.png', fullPage: true }))
    await page.getByRole('button', { name: t('survey.score.3') }).click()
    await page.locator('summary').click()
    await check('say')
    await page.goto(`${desk.url}${new URL(one!.url).pathname}/say`)
    await page.getByRole('button', { name: t('place.say.ask') }).click()
    await check('tell')
    await context.close()
  }
  for (const [lang, scheme, width] of [['en', 'light', 1280], ['en', 'dark', 390]] as const) {
    await admin.emulateMedia({ colorScheme: scheme })
    await admin.setViewportSize({ width, height: 900 })
    await admin.goto(`${desk.url}/settings/places`)
    await expect(admin.getByRole('link', { name: /Shinjuku/ })).toBeVisible()
    await admin.screenshot({ path: `test-results/places-list-${lang}-${scheme}.png` })
    await admin.getByRole('link', { name: /Shinjuku/ }).click()
    await expect(admin.getByText('2F レジ').first()).toBeVisible()
    await accessible(admin)
    await admin.screenshot({ path: `test-results/places-place-${lang}-${scheme}.png`, fullPage: true })
  }
})

test('a kiosk goes on without a network', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'ja-JP', viewport: { width: 1024, height: 768 } })
  const page = await context.newPage()
  page.on('console', (m) => { if (/content security policy/i.test(m.text())) throw new Error(m.text()) })
  const two = (await stickers())[1]!
  const address = desk.url + new URL(two.kioskUrl).pathname + new URL(two.kioskUrl).search
  await page.goto(address)
  await expect(page.locator('#kiosk[data-ready=yes]')).toBeVisible()
  await accessible(page)
  await page.screenshot({ path: 'test-results/places-kiosk-ja.png' })
  await context.setOffline(true)
  const tap = async (score: number, what: string, t: typeof ja) => {
    await page.getByRole('button', { name: t(`survey.score.${score}`), exact: true }).click()
    if (what) await page.locator('#kiosk-words').fill(what)
    await page.getByRole('button', { name: what ? t('place.kiosk.send') : t('place.kiosk.skip') }).click()
    await expect(page.getByRole('heading', { name: score > 3 ? t('place.kiosk.thanks') : t('place.kiosk.heard') })).toBeVisible()
    await page.getByRole('button', { name: t('place.kiosk.back') }).click()
  }
  await tap(5, '', ja)
  await page.getByRole('button', { name: 'English' }).click()
  await tap(1, 'The queue was too long.', en)
  await expect(page.getByText(ja('place.kiosk.waiting', { n: 2 }))).toBeVisible()
  await page.reload() // the device was switched off
  await expect(page.getByText(ja('place.kiosk.waiting', { n: 2 }))).toBeVisible()
  await page.getByRole('button', { name: ja('survey.score.4'), exact: true }).click()
  await page.reload() // somebody tapped and went
  await expect(page.getByText(ja('place.kiosk.waiting', { n: 3 }))).toBeVisible()
  expect((await stickers())[1]!.funnel.kiosk).toBe(0)

  await context.setOffline(false)
  await expect(page.getByText(ja('place.kiosk.waiting', { n: 1 }))).toBeHidden()
  await expect.poll(async () => (await stickers())[1]!.funnel.kiosk).toBe(3)
  expect(await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('kiosk')))).toEqual([])
  await page.reload()
  await page.waitForTimeout(500)
  expect((await stickers())[1]!.funnel).toMatchObject({ kiosk: 3, complaints: 1, scans: 0 })

  // The desk makes a new pass while the device is away: it keeps what it has, says so, and sends it under the new one.
  await context.setOffline(true)
  await tap(5, '', ja)
  await admin.emulateMedia({ colorScheme: 'light' })
  await admin.setViewportSize({ width: 1280, height: 900 })
  await admin.goto(`${desk.url}/settings/places?id=${placeId}`)
  await admin.getByRole('button', { name: `${en('settings.places.acts')}: 2F レジ` }).click()
  await admin.getByRole('menuitem', { name: en('settings.places.kiosk') }).click()
  await admin.getByRole('button', { name: en('settings.places.kioskNew') }).click()
  await expect(admin.getByText(en('settings.places.kioskNewText'))).toBeVisible()
  await admin.screenshot({ path: 'test-results/places-pass-ask.png' })
  await admin.getByRole('button', { name: en('settings.places.kioskNew') }).click()
  await expect(admin.getByText(en('settings.places.kioskRenewed'))).toBeVisible()
  await accessible(admin)
  await admin.screenshot({ path: 'test-results/places-pass-new.png' })
  await context.setOffline(false)
  await expect(page.getByRole('heading', { name: ja('place.kiosk.withdrawn.title') })).toBeVisible({ timeout: 20_000 })
  await expect(page.getByText(ja('place.kiosk.waiting', { n: 1 }))).toBeVisible()
  await accessible(page)
  await page.screenshot({ path: 'test-results/places-kiosk-shut-ja.png' })
  await page.reload()
  await expect(page.getByText(ja('place.kiosk.waiting', { n: 1 }))).toBeVisible()
  expect((await stickers())[1]!.funnel.kiosk).toBe(3)
  const renewed = new URL((await stickers())[1]!.kioskUrl)
  expect(renewed.search).not.toBe(new URL(two.kioskUrl).search)
  await page.goto(desk.url + renewed.pathname + renewed.search)
  await expect(page.getByRole('button', { name: ja('survey.score.5'), exact: true })).toBeVisible()
  await expect.poll(async () => (await stickers())[1]!.funnel.kiosk).toBe(4)
  await context.close()
})
