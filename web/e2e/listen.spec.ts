// Listening: the customer answers without JavaScript on a small screen, thinks
// better of it, wants no more surveys; the desk sees all of it, also why not.
import { expect, test, type Browser, type Page } from '@playwright/test'
import { accessible, startDemo, words, type Desk } from './desk'

let desk: Desk
test.beforeAll(async () => { desk = await startDemo() })
test.afterAll(async () => { await desk?.stop() })

const password = 'kintsugi-golden-seam'
const sides = [
  { lang: 'ja', locale: 'ja-JP', scheme: 'light', agent: 'ken@hanamizuki.example', inbox: 'support@hanamizuki.example', name: '野口 椿', subject: '鉄瓶の手入れについて', home: 'mail.example', comment: '手順がよく分かりませんでした。', better: '電話で丁寧に教えていただきました。' },
  { lang: 'en', locale: 'en-GB', scheme: 'dark', agent: 'tom@larkfield.example', inbox: 'help@larkfield.example', name: 'Rowan Ashby', subject: 'How fine should I grind?', home: 'post.example', comment: 'I still do not know.', better: 'The call made it clear.' },
] as const

/** What the agent's page may do, done by the program behind it. */
async function call(page: Page, method: 'get' | 'post' | 'patch', path: string, data?: unknown): Promise<any> {
  const r = await page.request[method](`${desk.url}/api/v1${path}`, { data })
  expect(r.ok(), `${method} ${path}: ${r.status()} ${r.ok() ? '' : await r.text()}`).toBe(true)
  return r.status() === 204 ? undefined : r.json()
}

/** A customer writes, an agent answers and resolves; returns the link of the survey if one comes. */
async function served(page: Page, from: { name: string; address: string }, to: string, subject: string): Promise<string> {
  await call(page, 'post', '/demo/mails', { from, to, subject, text: subject })
  const mine = async () => ((await call(page, 'get', '/conversations?status=open&limit=30')).items as { id: string; subject: string }[]).find((c) => c.subject === subject)?.id
  await expect.poll(mine).toBeTruthy()
  const id = await mine()
  await call(page, 'post', `/conversations/${id}/messages`, { kind: 'reply', text: 'Thank you.', to: [from], resolve: true })
  return id!
}

async function surveyFor(page: Page, address: string): Promise<string> {
  const link = async () => ((await call(page, 'get', `/demo/mails?address=${address}`)).items as { text: string }[]).map((m) => /\/s\/[\w-]+/.exec(m.text)?.[0]).find(Boolean)
  await expect.poll(link, { timeout: 60_000 }).toBeTruthy()
  return desk.url + (await link())
}

async function signedIn(browser: Browser, locale: string, email: string): Promise<Page> {
  const context = await browser.newContext({ locale })
  expect((await context.request.post(`${desk.url}/api/v1/session`, { data: { email, password } })).ok()).toBe(true)
  return context.newPage()
}

for (const side of sides) {
  const t = words(side.lang)
  test(`an answer, a change of mind and no more surveys (${side.lang})`, async ({ browser }) => {
    const agent = await signedIn(browser, side.locale, side.agent)
    const me = { name: side.name, address: `listen.${side.lang}@${side.home}` }
    await served(agent, me, side.inbox, side.subject)
    const link = await surveyFor(agent, me.address)

    const small = await browser.newContext({ locale: side.locale, colorScheme: side.scheme, javaScriptEnabled: false, viewport: { width: 320, height: 640 } })
    const page = await small.newPage()
    const choice = (n: number) => page.getByRole('radio', { name: `${n} ${t(`survey.score.${n}`)}`, exact: true })
    await test.step('five in one row, on a small screen, large enough to touch', async () => {
      await page.goto(link)
      const boxes = await Promise.all([1, 2, 3, 4, 5].map(async (n) => (await page.locator(`label:has(input[value="${n}"])`).boundingBox())!))
      expect(new Set(boxes.map((b) => Math.round(b.y))).size, 'rows').toBe(1)
      expect(boxes.map((b) => b.x)).toEqual(boxes.map((b) => b.x).toSorted((a, b) => a - b))
      for (const b of boxes) expect(Math.min(b.width, b.height)).toBeGreaterThanOrEqual(44)
      expect(boxes[4].x + boxes[4].width).toBeLessThanOrEqual(320)
      for (const n of [1, 5]) await expect(page.getByText(t(`survey.score.${n}`)).filter({ visible: true }).first()).toBeVisible()
    })
    await test.step('nothing chosen is said kindly, at its place', async () => {
      await page.getByRole('button', { name: t('survey.page.send') }).click()
      await expect(page.getByRole('alert').getByText(t('survey.page.wrongScore'))).toBeVisible()
      await page.getByRole('link', { name: t('survey.page.wrongScore') }).click()
      await page.keyboard.press('Space')
      await expect(page.locator('input[name=score]:checked')).toHaveCount(1) // the link leads to the scale
    })
    await test.step('the answer', async () => {
      await choice(2).check()
      await page.getByRole('textbox').first().fill(side.comment)
      await page.getByRole('button', { name: t('survey.page.send') }).click()
      await expect(page.getByRole('heading', { name: t('survey.thanks.dissatisfied') })).toBeVisible()
      await expect(page.getByText(side.comment)).toBeVisible()
    })
    await test.step('a change of mind', async () => {
      await page.getByRole('link', { name: t('survey.thanks.change') }).click()
      await expect(choice(2)).toBeChecked()
      await choice(5).check()
      await page.getByRole('textbox').first().fill(side.better)
      await page.getByRole('button', { name: t('survey.page.resend') }).click()
      await expect(page.getByRole('heading', { name: t('survey.thanks.satisfied') })).toBeVisible()
    })
    await test.step('no more surveys', async () => {
      await page.goto(`${link}/stop`)
      await page.getByRole('button', { name: t('survey.stop.button') }).click()
      await expect(page.getByRole('heading', { name: t('survey.stopped.title') })).toBeVisible()
    })
    await small.close()

    await test.step('the desk sees the answer with what it was before', async () => {
      await agent.goto(`${desk.url}/responses`)
      const row = agent.getByRole('listitem').filter({ hasText: side.name }).first()
      await expect(row.getByText(side.better).first()).toBeVisible()
      await row.locator('summary').click()
      await expect(row.getByText(side.comment)).toBeVisible()
      await accessible(agent)
    })
    await test.step('who is not asked, and why', async () => {
      await served(agent, me, side.inbox, `${side.subject} (2)`)
      await agent.getByRole('tab', { name: t('response.tab.invitations') }).click()
      await agent.getByLabel(t('response.state')).selectOption({ label: t('response.invitation.skipped') })
      const row = agent.getByRole('row').filter({ hasText: side.name })
      await expect(row.getByText(t('response.reason.opted-out'))).toBeVisible({ timeout: 60_000 })
      await accessible(agent)
    })
    await agent.context().close()
  })

  test(`a link that leads nowhere says what to do (${side.lang})`, async ({ browser }) => {
    const context = await browser.newContext({ locale: side.locale, colorScheme: side.scheme, viewport: { width: 320, height: 640 } })
    const page = await context.newPage()
    const r = await page.goto(`${desk.url}/s/not-a-token-at-all`)
    expect(r?.status()).toBe(404)
    await expect(page.getByRole('heading', { name: t('survey.missing.title') })).toBeVisible()
    await expect(page.getByText(t('survey.missing.text'))).toBeVisible()
    await accessible(page)
    await context.close()
  })
}
