// The desk as two people use it: by keyboard, at the same time, with Japanese
// input, and when the line is cut. And a newcomer who plays the customer.
import { expect, test, type BrowserContext, type Page } from '@playwright/test'
import { accessible, startDemo, words, type Desk } from './desk'

let desk: Desk
test.beforeAll(async () => { desk = await startDemo() })
test.afterAll(async () => { await desk?.stop() })

const t = words('ja')
const en = words('en')
const password = 'kintsugi-golden-seam'

async function signedIn(context: BrowserContext, email: string): Promise<Page> {
  const r = await context.request.post(`${desk.url}/api/v1/session`, { data: { email, password } })
  expect(r.ok()).toBe(true)
  return context.newPage()
}

/** A mail from somebody the desk does not know yet; returns its conversation's address. */
async function mailIn(page: Page, subject: string, text = '商品について教えてください。'): Promise<string> {
  const from = { name: '新谷 光', address: `hikari.${Date.now()}@mail.example` }
  const r = await page.request.post(`${desk.url}/api/v1/demo/mails`, { data: { from, to: 'support@hanamizuki.example', subject, text } })
  expect(r.ok(), await r.text()).toBe(true)
  await expect.poll(async () => (await find(page, subject)) !== undefined).toBe(true)
  return `${desk.url}/inbox/all/${await find(page, subject)}`
}

async function find(page: Page, subject: string): Promise<string | undefined> {
  const list = (await (await page.request.get(`${desk.url}/api/v1/conversations?status=open&limit=30`)).json()) as { items: { id: string; subject: string }[] }
  return list.items.find((c) => c.subject === subject)?.id
}

test('a newcomer plays the customer, and a case opens', async ({ browser }) => {
  const customer = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await customer.goto(`${desk.url}/post-office`)
  await accessible(customer)
  await customer.getByLabel(en('demo.who')).selectOption({ label: en('demo.who.new') })
  await customer.getByLabel(en('demo.who.name')).fill('Nina Newcomer')
  await customer.getByLabel(en('demo.who.address')).fill('nina@post.example')
  await customer.getByRole('button', { name: en('demo.who.become') }).click()
  await customer.getByRole('button', { name: en('demo.write') }).click()
  await customer.getByLabel(en('demo.to')).selectOption('help@larkfield.example')
  await customer.getByLabel(en('demo.subject')).fill('Where is my first box?')
  await customer.getByLabel(en('demo.text')).fill('I ordered ten days ago.')
  await customer.getByRole('button', { name: en('demo.send'), exact: true }).click()

  const agent = await signedIn(await browser.newContext({ locale: 'en-GB' }), 'nora@larkfield.example')
  await agent.goto(`${desk.url}/inbox/all`)
  await agent.getByRole('option').filter({ hasText: 'Where is my first box?' }).click()
  await agent.keyboard.press('r')
  await agent.getByRole('textbox', { name: en('inbox.body') }).last().click()
  await agent.keyboard.insertText('It left today. I am sorry for the wait.')
  await agent.keyboard.press('Control+Shift+Enter') // send and resolve

  const mail = (text: string | RegExp) => customer.getByRole('region', { name: en('demo.mails') }).last().getByRole('button').filter({ hasText: text })
  await mail('It left today').click()
  await mail('How did we do?').first().click()
  // The demonstration sent it before it knew its port, so only the path counts.
  const href = await customer.frameLocator('iframe').getByRole('link', { name: /Very dissatisfied/ }).first().getAttribute('href')
  const link = new URL(href ?? '')
  const survey = await customer.context().newPage()
  await survey.goto(desk.url + link.pathname + link.search)
  await survey.getByRole('textbox').first().fill('Ten days and no word.')
  await survey.getByRole('button', { name: en('survey.page.send') }).click()
  await expect(survey.getByText(en('survey.thanks.dissatisfied')).first()).toBeVisible()

  await agent.goto(`${desk.url}/cases`)
  await expect(agent.getByRole('link').filter({ hasText: 'Nina Newcomer' })).toBeVisible()
})

test('who writes on LINE is answered on LINE, with what fits there', async ({ browser }) => {
  const customer = await (await browser.newContext({ locale: 'ja-JP', viewport: { width: 390, height: 844 } })).newPage()
  await customer.goto(`${desk.url}/post-office?with=phone`)
  await customer.getByLabel(t('demo.who')).selectOption({ label: '陽子' })
  await accessible(customer)
  const words = customer.getByLabel(t('demo.phone.words'))
  await words.fill('急須の蓋だけ買えますか')
  await words.press('Enter')
  const screen = customer.getByRole('log')
  await expect(screen.getByText('急須の蓋だけ買えますか')).toBeVisible()

  const agent = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'misaki@hanamizuki.example')
  await agent.goto(`${desk.url}/inbox/all`)
  await agent.getByRole('option').filter({ hasText: '急須の蓋だけ買えますか' }).click()
  await expect(agent.getByText(t('inbox.channel.with', { name: '陽子', channel: 'LINE' }))).toBeVisible()
  await agent.keyboard.press('r')
  // No copies, no formatting, and where it goes to is said.
  await expect(agent.getByText(t('inbox.channel.via', { channel: 'LINE' }))).toBeVisible()
  await expect(agent.getByRole('button', { name: 'Cc / Bcc' })).toHaveCount(0)
  const box = agent.getByRole('textbox', { name: t('inbox.body') })
  await box.fill('あ'.repeat(25_001))
  await expect(agent.getByText(t('inbox.channel.tooLong', { n: 1 }))).toBeVisible()
  await box.fill('はい、蓋のみのご注文も承っております。')
  await agent.keyboard.press('Control+Enter')
  await expect(screen.getByText('はい、蓋のみのご注文も承っております。')).toBeVisible({ timeout: 30_000 })
  await accessible(agent)
})

test('undo gives the words back, and a second pair of eyes sees what happens', async ({ browser }) => {
  const ken = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'ken@hanamizuki.example')
  const misaki = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'misaki@hanamizuki.example')
  const address = await mailIn(ken, '二人で見る件')
  await ken.goto(address)
  await misaki.goto(address)
  await expect(ken.getByRole('heading', { name: '二人で見る件' })).toBeVisible()
  await expect(ken.getByText(t('inbox.viewing', { name: '藤井 美咲' }))).toBeAttached()
  await ken.keyboard.press('r')
  await ken.getByRole('textbox', { name: t('inbox.body') }).last().click()
  await ken.keyboard.type('ただいま確認いたします。')
  await expect(misaki.getByText(t('inbox.typing', { names: '小川 健' }))).toBeVisible()
  await ken.keyboard.press('Control+Enter')
  await expect(misaki.getByText('ただいま確認いたします。').last()).toBeVisible() // held, and visible to colleagues
  await ken.getByRole('button', { name: t('app.undo') }).first().click()
  await expect(ken.getByRole('textbox', { name: t('inbox.body') }).last()).toContainText('ただいま確認いたします。')
  await expect(misaki.getByText('ただいま確認いたします。')).toHaveCount(0)
})

test('everything by keyboard', async ({ browser }) => {
  const page = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'ken@hanamizuki.example')
  await page.goto(await mailIn(page, '鍵盤だけの件'))
  await expect(page.getByRole('heading', { name: '鍵盤だけの件' })).toBeVisible()
  await page.keyboard.press('i') // take it
  await expect(page.getByText(t('inbox.event.took', { who: t('inbox.who', { name: '小川 健' }) })).first()).toBeVisible()
  await page.keyboard.press('n')
  await page.keyboard.insertText('倉庫に確認中です。')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText('倉庫に確認中です。').last()).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('p')
  await page.keyboard.type(t('app.priority.urgent'))
  await page.keyboard.press('Enter')
  await expect(page.getByText(t('app.priority.urgent')).first()).toBeVisible()
  await page.keyboard.press('e')
  await expect(page.getByText(t('app.status.resolved')).first()).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.keyboard.insertText(t('app.go.cases'))
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/cases/)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: t('app.key.sheet') })).toBeVisible()
  await accessible(page)
  await page.keyboard.press('Escape')
})

test('composing Japanese never sends', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'ja-JP' })
  const page = await signedIn(context, 'ken@hanamizuki.example')
  await page.goto(await mailIn(page, '変換中の件'))
  await expect(page.getByRole('heading', { name: '変換中の件' })).toBeVisible()
  const cdp = await context.newCDPSession(page)
  const enterWhileComposing = async (typed: string) => {
    await cdp.send('Input.imeSetComposition', { text: typed, selectionStart: typed.length, selectionEnd: typed.length })
    await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', windowsVirtualKeyCode: 229, key: 'Enter', code: 'Enter', modifiers: 2 })
    await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', windowsVirtualKeyCode: 13, key: 'Enter', code: 'Enter', modifiers: 2 })
  }
  await page.keyboard.press('r')
  await page.getByRole('textbox', { name: t('inbox.body') }).last().click()
  await enterWhileComposing('かくにん')
  await cdp.send('Input.insertText', { text: '確認' })
  await expect(page.getByRole('textbox', { name: t('inbox.body') }).last()).toContainText('確認')
  const sent = (await (await page.request.get(`${desk.url}/api/v1/conversations/${page.url().split('/').pop()}/messages`)).json()) as { items: { kind: string }[] }
  expect(sent.items.filter((m) => m.kind === 'outgoing')).toHaveLength(0)
  await page.keyboard.press('Control+k')
  await enterWhileComposing('けーす')
  await expect(page.getByRole('dialog')).toBeVisible() // the palette is still open: nothing was chosen
})

test('a cut line is shown, and what was missed arrives', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'ja-JP' })
  const page = await signedIn(context, 'misaki@hanamizuki.example')
  const other = await signedIn(await browser.newContext(), 'ken@hanamizuki.example')
  await page.goto(`${desk.url}/inbox/all`)
  await expect(page.getByRole('option').first()).toBeVisible()
  await context.setOffline(true)
  await expect(page.getByText(t('app.live.lost')).first()).toBeVisible({ timeout: 60_000 })
  await mailIn(other, '切断中に届いた件')
  await context.setOffline(false)
  await expect(page.getByRole('option').filter({ hasText: '切断中に届いた件' })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText(t('app.live.lost'))).toHaveCount(0)
})

/** A mail from a given person, written or answered; returns its id as a mail. */
async function write(page: Page, name: string, subject: string, more: { text?: string; inReplyTo?: string } = {}): Promise<string> {
  const address = `${[...name].map((c) => c.codePointAt(0)!.toString(36)).join('').replaceAll(/\W/g, '')}@mail.example`
  const r = await page.request.post(`${desk.url}/api/v1/demo/mails`, { data: { from: { name, address }, to: 'support@hanamizuki.example', subject, text: 'お世話になっております。', ...more } })
  expect(r.ok(), await r.text()).toBe(true)
  return ((await r.json()) as { id: string }).id
}

const row = (page: Page, subject: string) => page.getByRole('option').filter({ hasText: subject })
const thread = (page: Page) => page.getByRole('region', { name: t('inbox.messages') })

test('a wrong merge is taken back, and every browser sees it', async ({ browser }) => {
  const page = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'ken@hanamizuki.example')
  const other = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'misaki@hanamizuki.example')
  for (const subject of ['急須のふた', '茶筒の在庫']) await write(page, '合田 統', subject)
  for (const p of [page, other]) {
    await p.goto(`${desk.url}/inbox/all`)
    await row(p, '急須のふた').click()
    await expect(p.getByRole('heading', { name: '急須のふた' })).toBeVisible()
    await p.mouse.move(700, 600) // nothing comes in under a pointer
  }
  await page.getByRole('button', { name: t('inbox.more') }).click()
  await page.getByRole('menuitem', { name: t('inbox.merge') }).click()
  await page.getByRole('dialog').getByRole('option').filter({ hasText: '茶筒の在庫' }).click()
  for (const p of [page, other]) {
    await expect(p.getByRole('heading', { name: '茶筒の在庫' })).toBeVisible() // led to where the messages are now
    await expect(row(p, '急須のふた')).toHaveCount(0)
  }
  await thread(page).getByRole('button', { name: t('app.undo') }).click()
  for (const p of [page, other]) await expect(row(p, '急須のふた')).toBeVisible()
  await expect(thread(page).getByRole('button', { name: t('app.undo') })).toHaveCount(0)
})

test('a message becomes a matter of its own, and comes back', async ({ browser }) => {
  const page = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'misaki@hanamizuki.example')
  const other = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'ken@hanamizuki.example')
  const first = await write(page, '分部 岐', '二つの用件')
  await write(page, '分部 岐', 'Re: 二つの用件', { text: '別件ですが、領収書をお願いします。', inReplyTo: first })
  for (const p of [page, other]) {
    await p.goto(`${desk.url}/inbox/all`)
    await expect(row(p, '二つの用件')).toHaveCount(1)
  }
  await row(page, '二つの用件').click()
  const asked = page.getByRole('article').filter({ hasText: '領収書をお願いします' })
  await asked.getByRole('button', { name: t('inbox.message.more') }).click()
  await page.getByRole('menuitem', { name: t('inbox.message.split') }).click()
  for (const p of [page, other]) await expect(row(p, '二つの用件')).toHaveCount(2)
  await page.keyboard.press('z')
  for (const p of [page, other]) await expect(row(p, '二つの用件')).toHaveCount(1)
  await expect(asked).toBeVisible()
})

test('many at once, by pointer, by keyboard and by touch', async ({ browser }) => {
  const page = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'sakura@hanamizuki.example')
  const subjects = ['まとめて一', 'まとめて二', 'まとめて三']
  for (const [i, subject] of subjects.entries()) await write(page, `多田 ${'一二三'[i]}`, subject)
  await page.goto(`${desk.url}/inbox/unassigned`)
  const [one, two, three] = subjects.map((s) => row(page, s))
  const bar = page.getByRole('toolbar', { name: t('inbox.bulk.label') })

  await test.step('tags and an agent for two', async () => {
    await one.hover()
    await one.locator('[data-pick]').click()
    await three.locator('[data-pick]').click()
    await expect(bar).toContainText(t('inbox.bulk.count', { n: 2 }))
    await accessible(page)
    await bar.getByRole('button', { name: t('inbox.tag.title') }).click()
    const name = '配送'
    await page.getByRole('dialog').getByRole('option', { name, exact: true }).click()
    await page.keyboard.press('Escape')
    await expect(one).toContainText(name)
    await expect(three).toContainText(name)
    await expect(two).not.toContainText(name)
    await bar.getByRole('button', { name: t('inbox.assign') }).click()
    await page.getByRole('dialog').getByRole('combobox').fill('小川')
    await page.keyboard.press('Enter')
    await expect(one).toHaveCount(0)
    await expect(three).toHaveCount(0)
    await expect(two).toBeVisible() // only what was chosen
    await expect(bar).toHaveCount(0) // and nothing is selected that is not there
    await page.keyboard.press('z')
    await expect(one).toBeVisible()
    await expect(three).toBeVisible()
  })

  await test.step('by keyboard, resolved', async () => {
    await two.click()
    await page.getByRole('listbox').first().focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('j')
    await page.keyboard.press('x')
    await expect(bar).toContainText(t('inbox.bulk.count', { n: 2 }))
    await expect(two).toHaveAttribute('aria-selected', 'true')
    await page.keyboard.press('e')
    await expect(two).toHaveCount(0)
    await expect(bar).toHaveCount(0)
    await page.goto(`${desk.url}/inbox/all?status=resolved`)
    await expect(two).toBeVisible()
  })

  await test.step('by touch', async () => {
    const phone = await signedIn(await browser.newContext({ locale: 'ja-JP', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }), 'sakura@hanamizuki.example')
    await phone.goto(`${desk.url}/inbox/all?status=any`)
    await row(phone, subjects[0]).locator('[data-pick] > span').first().tap()
    await row(phone, subjects[1]).locator('[data-pick] > span').first().tap()
    const bar = phone.getByRole('toolbar', { name: t('inbox.bulk.label') })
    await expect(bar).toContainText(t('inbox.bulk.count', { n: 2 }))
    await expect(bar.getByRole('button', { name: t('inbox.snooze') })).toBeInViewport()
    await accessible(phone)
  })
})

test('snoozed: it is away until its time, and comes back', async ({ browser }) => {
  const page = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'misaki@hanamizuki.example')
  const subject = '来週また連絡する件'
  await page.goto(await mailIn(page, subject))
  await expect(page.getByRole('heading', { name: subject })).toBeVisible()
  const id = page.url().split('/').pop()
  await page.keyboard.press('s')
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('option')).not.toHaveCount(0)
  const day = new Date(Date.now() + 3 * 24 * 3600_000).toISOString().slice(0, 10)
  await dialog.getByLabel(t('inbox.snooze.day')).fill(day)
  await dialog.getByLabel(t('inbox.snooze.time')).fill('10:35')
  await dialog.getByRole('button', { name: t('inbox.snooze.set') }).click()
  await expect(row(page, subject)).toHaveCount(0)
  await page.getByRole('link', { name: t('app.status.snoozed') }).click()
  await expect(row(page, subject)).toContainText(/10:35 まで/)
  await row(page, subject).click()
  await expect(page.getByRole('heading', { name: subject })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.mouse.move(700, 600)
  const soon = await page.request.patch(`${desk.url}/api/v1/conversations/${id}`, { data: { status: 'snoozed', snoozedUntil: new Date(Date.now() + 1500).toISOString() } })
  expect(soon.ok(), await soon.text()).toBe(true)
  await expect(row(page, subject)).toHaveCount(0) // by itself, in the list that is on screen
  await page.getByRole('navigation', { name: t('app.nav.label') }).getByRole('link', { name: t('app.view.all') }).click()
  await expect(row(page, subject)).toBeVisible()
})

test('two letters of Japanese find it', async ({ browser }) => {
  const page = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'ken@hanamizuki.example')
  await page.goto(await mailIn(page, '鉄瓶の修理について', '使い始めた鉄瓶の底から水が漏れます。'))
  await expect.poll(async () => JSON.stringify(await (await page.request.get(`${desk.url}/api/v1/search?q=${encodeURIComponent('鉄瓶')}`)).json())).toContain('鉄瓶の修理について')
  await expect(page.getByRole('heading', { name: '鉄瓶の修理について' })).toBeVisible()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.insertText('鉄瓶')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link').filter({ hasText: '鉄瓶の修理について' }).first()).toBeVisible()
  await expect(page.locator('mark').first()).toHaveText('鉄瓶')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: '鉄瓶の修理について' })).toBeVisible()
})

test('who is switched off hands everything back, and it is said what', async ({ browser }) => {
  const page = await signedIn(await browser.newContext({ locale: 'ja-JP' }), 'admin@kintsugi.example')
  const ken = ((await (await page.request.get(`${desk.url}/api/v1/agents`)).json()) as { items: { id: string; name: string }[] }).items.find((a) => a.name === '小川 健')!
  const held = async () => ((await (await page.request.get(`${desk.url}/api/v1/conversations?status=open&assigneeId=${ken.id}&limit=50`)).json()) as { items: { id: string }[] }).items.length
  const subject = '引き継ぎの件'
  await mailIn(page, subject)
  await page.request.patch(`${desk.url}/api/v1/conversations/${await find(page, subject)}`, { data: { assigneeId: ken.id } })
  expect(await held()).toBeGreaterThan(0)
  await page.goto(`${desk.url}/settings/agents`)
  await page.getByRole('button', { name: t('settings.agents.edit', { name: ken.name }) }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(t('settings.agents.canSignIn')).uncheck()
  await dialog.getByRole('button', { name: t('app.save') }).click()
  await expect(dialog.getByRole('heading', { name: t('settings.agents.left.title', { name: ken.name }) })).toBeVisible()
  await expect(dialog.getByRole('listitem').first()).toContainText(new RegExp(t('settings.agents.left.conversations', { n: '\\d+' })))
  await accessible(page)
  await dialog.getByRole('link', { name: t('inbox.empty.takeOne') }).click()
  await expect(row(page, subject)).toBeVisible()
  expect(await held()).toBe(0)
})
