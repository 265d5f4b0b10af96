// A newcomer who skips what can be skipped: the desk says what is missing, and
// every skipped step is found again, from the inbox and from the settings.
import { expect, test, type Page } from '@playwright/test'
import { accessible, becomeAdministrator, startDesk, words, type Desk } from './desk'

let desk: Desk
test.beforeEach(async () => { desk = await startDesk() })
test.afterEach(async () => { await desk?.stop() })

const t = words('ja')

/** The administrator cannot be skipped; brand and mailbox are. */
async function skipAll(page: Page): Promise<void> {
  await page.goto(desk.setup)
  await expect(page.getByLabel(t('setup.name'))).toBeVisible()
  await expect(page.getByRole('button', { name: t('setup.skip') })).toHaveCount(0)
  await page.goto(`${desk.url}/inbox/all`) // no way round it
  await expect(page.getByLabel(t('setup.name'))).toBeVisible()
  await becomeAdministrator(page, desk, t)
  await page.getByRole('button', { name: t('setup.skip') }).click()
  await expect(page.getByText(t('setup.inbox.needsBrand'))).toBeVisible()
  await page.getByRole('button', { name: t('setup.skip') }).click()
  await expect(page).toHaveURL(/\/inbox\/unassigned/)
}

const first = (page: Page, key: string) => page.getByRole('listitem').filter({ hasText: t(`inbox.first.${key}`) })

test('skipped steps are found again from the inbox', async ({ browser }) => {
  const page = await (await browser.newContext({ locale: 'ja-JP' })).newPage()
  await skipAll(page)
  await expect(page.getByRole('heading', { name: t('inbox.first.title', { n: 2 }) })).toBeVisible()
  await accessible(page)
  await page.getByRole('link', { name: t('inbox.first.go') }).click()
  await page.getByLabel(t('setup.brand.name')).fill('みなと文具')
  await page.getByRole('button', { name: t('setup.continue') }).click()
  await expect(page.getByLabel(t('setup.inbox.address'))).toBeVisible()
  await page.getByRole('button', { name: t('setup.skip') }).click()
  await expect(page.getByRole('heading', { name: t('inbox.first.title', { n: 1 }) })).toBeVisible()
  await expect(first(page, 'brand').getByRole('img', { name: t('setup.done') })).toBeVisible()
  await first(page, 'inbox').getByRole('link').click()
  await page.getByLabel(t('setup.inbox.address')).fill('support@example.jp')
  await page.getByLabel(t('setup.receive.mode')).selectOption('smtp')
  await page.getByLabel(t('setup.send.mode')).selectOption('none')
  await page.getByRole('button', { name: t('setup.finish') }).click()
  await expect(page).toHaveURL(/\/inbox\/unassigned/)
  await expect(page.getByText(t('inbox.empty.noMail'))).toBeVisible()
  await expect(page.getByText(t('inbox.empty.noMailHint', { address: 'support@example.jp' }))).toBeVisible()
  await page.goto(`${desk.url}/setup`)
  await expect(page.getByText(t('setup.allDone'))).toBeVisible()
  await page.getByRole('link', { name: t('setup.toInbox') }).click()
  await expect(page).toHaveURL(/\/inbox\/unassigned/)
})

test('skipped steps are found again from the settings', async ({ browser }) => {
  const page = await (await browser.newContext({ locale: 'ja-JP' })).newPage()
  await skipAll(page)
  await page.getByRole('link', { name: t('app.nav.settings'), exact: true }).click()
  const sections = page.getByRole('navigation', { name: t('settings.nav') })
  await sections.getByRole('link', { name: t('settings.section.inboxes') }).click()
  await page.getByRole('link', { name: t('settings.inboxes.new') }).click()
  await page.getByRole('link', { name: t('settings.brands.new') }).click() // a mailbox belongs to a brand: it leads there first
  await page.getByLabel(t('setup.brand.name')).fill('みなと文具')
  await page.getByRole('button', { name: t('app.save') }).click()
  await expect(page.getByRole('link', { name: 'みなと文具' })).toBeVisible()
  await sections.getByRole('link', { name: t('settings.section.inboxes') }).click()
  await page.getByRole('link', { name: t('settings.inboxes.new') }).click()
  await page.getByRole('link', { name: t('channel.email.lead') }).click() // of all channels mail
  await page.getByLabel(t('setup.inbox.address')).fill('support@example.jp')
  await page.getByLabel(t('setup.receive.mode')).selectOption('none')
  await page.getByLabel(t('setup.send.mode')).selectOption('none')
  await page.getByRole('button', { name: t('app.save') }).click()
  await expect(page.getByText(t('settings.inboxes.saved')).first()).toBeVisible()
  await page.getByRole('link', { name: t('app.nav.inbox'), exact: true }).first().click()
  await expect(page.getByRole('heading', { name: t('inbox.first.title', { n: 1 }) })).toHaveCount(0)
})

test('every empty field of the administrator is marked at once', async ({ browser }) => {
  const page = await (await browser.newContext({ locale: 'ja-JP' })).newPage()
  await page.goto(desk.setup)
  await page.getByRole('button', { name: t('setup.continue') }).click()
  for (const field of ['setup.name', 'session.email', 'session.password']) await expect(page.getByLabel(t(field))).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel(t('setup.name'))).toBeFocused()
})

test('a connection that does not work is saved only when somebody says so', async ({ browser }) => {
  const page = await (await browser.newContext({ locale: 'ja-JP' })).newPage()
  await skipAll(page)
  await page.goto(`${desk.url}/setup`)
  await page.getByLabel(t('setup.brand.name')).fill('みなと文具')
  await page.getByRole('button', { name: t('setup.continue') }).click()
  await page.getByLabel(t('setup.inbox.address')).fill('support@example.jp')
  await expect(page.getByLabel(t('setup.inbox.name'))).toHaveAttribute('placeholder', 'support@example.jp')
  await page.getByLabel(t('setup.receive.mode')).selectOption('smtp')
  await expect(page.getByText(t('setup.receive.smtpOff', { option: '--smtp 0.0.0.0:25' }))).toBeVisible() // this desk runs without it
  await page.getByLabel(t('setup.receive.mode')).selectOption('imap')
  for (const part of ['setup.receive.title', 'setup.send.title']) {
    const box = page.getByRole('group', { name: t(part) })
    await box.getByLabel(t('setup.server.host')).fill('10.255.255.1') // a network this desk may not reach
    if (part === 'setup.receive.title') {
      await box.getByRole('textbox', { name: t('setup.server.username'), exact: true }).fill('support@example.jp')
      await box.getByLabel(t('setup.server.password'), { exact: true }).fill('secret')
    }
  }
  await expect(page.getByRole('button', { name: t('setup.finish') })).toHaveCount(0)
  await page.getByRole('button', { name: t('setup.check.first') }).click()
  const question = page.getByRole('alertdialog', { name: t('setup.check.anyway') })
  await expect(question).toBeVisible()
  await expect(page.getByText(t('setup.check.private', { host: '10.255.255.1', option: '--allow-net 10.255.255.1/32' })).first()).toBeVisible()
  await accessible(page)
  await question.getByRole('button', { name: t('setup.check.goOn') }).click()
  await expect(page.getByRole('group', { name: t('setup.receive.title') }).getByLabel(t('setup.server.host'))).toBeFocused()
  await page.getByRole('button', { name: t('setup.check.first') }).click()
  await question.getByRole('button', { name: t('setup.check.saveAnyway') }).click()
  await expect(page).toHaveURL(/\/inbox\/unassigned/)
  await expect(page.getByText(t('inbox.empty.failing', { name: 'support@example.jp' }))).toBeVisible({ timeout: 60_000 }) // after the first try
  await expect(page.getByRole('link', { name: t('inbox.empty.mend') })).toHaveAttribute('href', /\/settings\/inboxes\?id=/)
})
