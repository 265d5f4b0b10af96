// Mending, worked on its pages: a case is opened by hand, somebody takes it on,
// writes, thinks better of it, promises, gives, asks a manager, closes and learns.
import { expect, test, type Browser, type Page } from '@playwright/test'
import { accessible, startDemo, words, type Desk } from './desk'

let desk: Desk
test.beforeAll(async () => { desk = await startDemo() })
test.afterAll(async () => { await desk?.stop() })

const t = words('ja')

async function as(browser: Browser, email: string, locale = 'ja-JP'): Promise<Page> {
  const context = await browser.newContext({ locale, viewport: { width: 1440, height: 900 } })
  const r = await context.request.post(`${desk.url}/api/v1/session`, { data: { email, password: 'kintsugi-golden-seam' } })
  expect(r.ok()).toBe(true)
  return context.newPage()
}

/** A customer writes; returns the address of the conversation. */
async function mailIn(page: Page, name: string, subject: string): Promise<string> {
  const from = { name, address: `case.${Date.now()}@mail.example` }
  const r = await page.request.post(`${desk.url}/api/v1/demo/mails`, { data: { from, to: 'support@hanamizuki.example', subject, text: '届いた鍋の取っ手が外れ、やけどをしそうになりました。' } })
  expect(r.ok(), await r.text()).toBe(true)
  const find = async () => ((await (await page.request.get(`${desk.url}/api/v1/conversations?status=open&limit=30`)).json()) as { items: { id: string; subject: string }[] }).items.find((c) => c.subject === subject)?.id
  await expect.poll(find).toBeTruthy()
  return `${desk.url}/inbox/all/${await find()}`
}

/** Opens a case from a conversation, by its menu. */
async function openCase(page: Page, reason: string): Promise<void> {
  await page.getByRole('button', { name: t('inbox.more') }).click()
  await page.getByRole('menuitem', { name: t('inbox.newCase') }).click()
  const dialog = page.getByRole('dialog', { name: t('inbox.newCase') })
  await dialog.getByLabel(t('inbox.newCase.harm')).selectOption({ label: t('inbox.newCase.harm3') })
  await dialog.getByLabel(t('inbox.newCase.reason')).fill(reason)
  await dialog.getByRole('button', { name: t('inbox.newCase.open') }).click()
  await expect(page).toHaveURL(/\/cases\/case_/)
}

const now = (page: Page) => page.locator('li[aria-current=step]')
const at = (page: Page, key: string) => expect(now(page).getByRole('heading')).toContainText(t(`playbook.step.${key}.title`))
const gate = (page: Page) => page.getByRole('region', { name: t('case.gate') })
const promises = (page: Page) => page.getByRole('region', { name: t('case.promises'), exact: true }).last()
const remedies = (page: Page) => page.getByRole('region', { name: t('case.remedies'), exact: true })

test('a letter from the case is taken back, and keeps its words', async ({ browser }) => {
  const page = await as(browser, 'ken@hanamizuki.example')
  await page.goto(await mailIn(page, '葉山 泉', '鍋の取っ手が外れました'))
  await openCase(page, '取っ手が外れた')
  await at(page, 'acknowledge')
  await now(page).getByRole('button', { name: t('case.step.take') }).click()
  await expect(now(page).getByText(t('case.step.taken', { name: '小川 健' }))).toBeVisible()

  const letter = page.getByRole('textbox', { name: t('case.write.text') })
  const words = 'お怪我がなく安心いたしました。誠に申し訳ございません。'
  await now(page).getByRole('button', { name: t('case.step.write') }).click()
  await letter.fill(words)
  await page.getByLabel(t('case.write.promise')).check()
  await page.getByRole('button', { name: t('case.write.send'), exact: true }).click()
  await expect(page.getByLabel(t('case.promise.text'))).toHaveAttribute('aria-invalid', 'true') // a promise says what
  await page.getByLabel(t('case.promise.text')).fill('検査の結果をご報告する')
  await page.getByRole('button', { name: t('case.write.send'), exact: true }).click()
  await at(page, 'listen') // the letter was the step
  await expect(promises(page).getByText('検査の結果をご報告する')).toBeVisible()

  await page.getByRole('button', { name: t('app.undo') }).click()
  await expect(letter).toHaveValue(words)
  await at(page, 'acknowledge') // what was not said is not done
  await expect(promises(page).getByText('検査の結果をご報告する')).toHaveCount(0)
  await page.getByRole('button', { name: t('case.write.send'), exact: true }).click()
  await at(page, 'listen')
})

test('within one’s authority a remedy is decided at once', async ({ browser }) => {
  const page = await as(browser, 'ken@hanamizuki.example')
  await page.goto(await mailIn(page, '小泉 葵', '送料が違います'))
  await openCase(page, '送料の誤り')
  await page.getByRole('button', { name: t('case.remedy.add') }).click()
  await page.getByLabel(t('case.remedy.amount')).fill('いくらか')
  await page.getByLabel(t('case.remedy.text')).fill('送料のご返金')
  await remedies(page).getByRole('button', { name: t('case.remedy.offer'), exact: true }).click()
  await expect(page.getByLabel(t('case.remedy.amount'))).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel(t('case.remedy.amount')).fill('８００') // full width, as an input method leaves it
  await remedies(page).getByRole('button', { name: t('case.remedy.offer'), exact: true }).click()
  await expect(remedies(page).getByText('￥800')).toBeVisible()
  await remedies(page).getByRole('button', { name: t('case.remedy.deliver') }).click()
  await expect(remedies(page).getByText(t('case.remedy.state.delivered'))).toBeVisible()
})

test('beyond one’s authority somebody else decides', async ({ browser }) => {
  const ken = await as(browser, 'ken@hanamizuki.example')
  await ken.goto(await mailIn(ken, '大森 匠', '返金をお願いします'))
  await openCase(ken, '二度届かなかった')
  const address = ken.url()
  const propose = async (amount: string, text: string, act: string) => {
    await ken.getByRole('button', { name: t('case.remedy.add') }).click()
    await ken.getByLabel(t('case.remedy.amount')).fill(amount)
    await ken.getByLabel(t('case.remedy.text')).fill(text)
    await remedies(ken).getByRole('button', { name: t(act), exact: true }).click()
  }
  await propose('12000', '全額のご返金', 'case.remedy.propose')
  await expect(remedies(ken).getByText(t('case.remedy.state.proposed'))).toBeVisible()
  await expect(remedies(ken).getByRole('button', { name: t('case.remedy.approve') })).toHaveCount(0) // not by oneself

  const sakura = await as(browser, 'sakura@hanamizuki.example')
  await sakura.goto(address)
  await remedies(sakura).getByRole('button', { name: t('case.remedy.refuse') }).click()
  await sakura.getByLabel(t('case.remedy.refuse.reason')).fill('交換でお詫びする')
  await remedies(sakura).getByRole('button', { name: t('case.remedy.refuse') }).click()
  await expect(remedies(ken).getByText(t('case.remedy.state.refused'))).toBeVisible() // seen at once, with its reason
  await expect(remedies(ken).getByText('交換でお詫びする')).toBeVisible()

  await propose('8000', '一部のご返金', 'case.remedy.propose')
  await remedies(sakura).getByRole('button', { name: t('case.remedy.approve') }).click()
  await expect(remedies(ken).getByText(t('case.remedy.state.approved'))).toBeVisible()
  await remedies(ken).getByRole('button', { name: t('case.remedy.deliver') }).click()
  await expect(remedies(ken).getByText(t('case.remedy.state.delivered'))).toBeVisible()
  await propose('1000', '送料のご返金', 'case.remedy.propose') // the limit is of the case, not of one remedy
  await expect(remedies(ken).getByText(t('case.remedy.state.proposed'))).toBeVisible()
  await accessible(ken)
})

test('a case ends with cause and measure, and is learned from', async ({ browser }) => {
  const page = await as(browser, 'sakura@hanamizuki.example')
  await page.goto(await mailIn(page, '入江 渚', '連絡がありません'))
  await openCase(page, '連絡を忘れた')
  const other = async (reason: string) => {
    await page.getByRole('button', { name: t('case.close.other') }).click()
    const dialog = page.getByRole('dialog', { name: t('case.close.other') })
    await dialog.getByLabel(t('case.outcome')).selectOption({ label: t('playbook.outcome.declined') })
    await dialog.getByLabel(t('case.close.reason')).fill(reason)
    await dialog.getByRole('button', { name: t('case.close.act') }).click()
    return dialog
  }
  const dialog = await other('')
  await expect(dialog.getByLabel(t('case.close.reason'))).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByRole('button', { name: t('app.cancel') }).click()

  await gate(page).getByRole('button', { name: t('app.add') }).first().click()
  await gate(page).getByRole('button', { name: t('app.save') }).click()
  await expect(gate(page).getByLabel(t('case.cause.text'), { exact: true })).toHaveAttribute('aria-invalid', 'true')
  await gate(page).getByLabel(t('case.cause.text'), { exact: true }).fill('引き継ぎの漏れ')
  await gate(page).getByRole('button', { name: t('app.save') }).click()
  await gate(page).getByRole('button', { name: t('app.add') }).click()
  await gate(page).getByLabel(t('case.measure.text')).fill('終業時に引き継ぎ表を確認する')
  await gate(page).getByRole('button', { name: t('app.save') }).click()
  await expect(gate(page).getByText('終業時に引き継ぎ表を確認する')).toBeVisible()

  await other('お客様がこれ以上の連絡を望まれなかった')
  await expect(page.getByText(t('playbook.outcome.declined')).filter({ visible: true }).first()).toBeVisible()
  await at(page, 'learn') // what was learned is written after the end
  await now(page).getByRole('button', { name: t('case.step.done') }).click()
  await now(page).getByLabel(t('case.step.evidence')).fill('引き継ぎ表を朝礼で共有した')
  await now(page).getByRole('button', { name: t('case.step.done') }).click()
  await expect(page.getByText('引き継ぎ表を朝礼で共有した').first()).toBeVisible()
  await accessible(page)

  await gate(page).getByRole('button', { name: t('case.reopen') }).click()
  await page.getByLabel(t('case.reopen.reason')).fill('同じことがまた起きた')
  await page.getByRole('dialog').getByRole('button', { name: t('case.reopen') }).click()
  await at(page, 'acknowledge')
  await expect(page.getByText(t('case.second')).filter({ visible: true }).first()).toBeVisible()
})
