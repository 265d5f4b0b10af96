// The whole story, once in each language and on each database: set-up, a mail comes in, an answer goes
// out, a bad score opens a case, the case is worked, the customer is won back.
import { expect, test, type Browser, type Page } from '@playwright/test'
import { accessible, mailTo, post, startDesk, startPeer, words, type Desk, type Engine, type Peer } from './desk'

interface Cast { lang: 'ja' | 'en'; engine: Engine; locale: string; brand: string; agent: string; customer: string; subject: string; question: string; answer: string; comment: string; apology: string; promise: string; cause: string; measure: string; thanks: string }

const casts: Cast[] = [
  { lang: 'ja', engine: 'sqlite', locale: 'ja-JP', brand: 'みなと文具', agent: '相川 葵', customer: '白石 透', subject: '注文した万年筆が届きません', question: '先週注文した万年筆がまだ届きません。いつ届きますか。', answer: 'ご連絡ありがとうございます。明日お届けします。', comment: '約束の日に届きませんでした。', apology: '約束の日にお届けできず、誠に申し訳ありません。明日 15 時までに必ずご連絡いたします。', promise: '到着予定をお知らせする', cause: '配送会社への引き渡しが一日遅れていました。', measure: '出荷の締め時刻を早めました。', thanks: '丁寧に対応していただきました。' },
  { lang: 'en', engine: 'postgres', locale: 'en-GB', brand: 'Harbour Pens', agent: 'Alex Reed', customer: 'Jamie Stone', subject: 'My pen has not arrived', question: 'The pen I ordered last week is not here yet. When will it come?', answer: 'Thank you for writing. It will be with you tomorrow.', comment: 'It did not come on the promised day.', apology: 'We did not keep our word, and I am sorry. You will hear from me by tomorrow, 15:00.', promise: 'Tell when it arrives', cause: 'The parcel was handed over a day late.', measure: 'The cut-off for shipping is earlier now.', thanks: 'Handled with care.' },
]

for (const cast of casts) {
  test.describe(`the whole story (${cast.lang}, ${cast.engine})`, () => {
    let desk: Desk, peer: Peer
    test.beforeAll(async () => { ;[desk, peer] = await Promise.all([startDesk(cast.engine), startPeer()]) })
    test.afterAll(async () => { await desk?.stop(); await peer?.stop() })

    test('from the first mail to a mended customer', async ({ browser }) => {
      const t = words(cast.lang)
      const page = await (await browser.newContext({ locale: cast.locale })).newPage()
      const support = `support@${cast.lang}.example`
      const customer = `customer@${cast.lang}.example`
      await post(`${peer.http}/account`, { address: support, password: 'mailbox-secret' })

      await setUp(page, cast, support)
      await surveysAtOnce(page)

      await test.step('a mail comes in and is answered', async () => {
        await post(`${peer.http}/deliver`, { from: customer, name: cast.customer, to: support, subject: cast.subject, text: cast.question })
        await page.getByRole('option').filter({ hasText: cast.subject }).click()
        await expect(page.getByText(cast.question).last()).toBeVisible()
        await accessible(page)
        await page.getByRole('button', { name: t('inbox.reply'), exact: false }).first().click()
        await page.getByRole('textbox', { name: t('inbox.body') }).last().click()
        await page.keyboard.insertText(cast.answer)
        await page.getByRole('button', { name: t('inbox.sendMore') }).click()
        await page.getByRole('menuitem', { name: t('inbox.sendResolve') }).click()
        const reply = await mailTo(peer, customer, (m) => m.text.includes(cast.answer))
        expect(reply.subject).toContain(cast.subject)
      })

      await test.step('a bad score arrives', async () => {
        await rate(browser, cast, customer, 1, cast.comment)
      })

      await test.step('the case is worked', async () => {
        await page.goto(`${desk.url}/cases`)
        await expect(page.getByText(cast.customer).first()).toBeVisible()
        await accessible(page)
        await mend(page, cast, customer)
      })

      await test.step('the customer says it is mended', async () => {
        await rate(browser, cast, customer, 5, cast.thanks)
        await page.reload()
        await expect(page.getByText(t('playbook.outcome.recovered')).filter({ visible: true }).first()).toBeVisible()
        await accessible(page)
        await page.goto(`${desk.url}/loop`)
        await expect(page.getByRole('heading').first()).toBeVisible()
        await accessible(page)
      })
    })

    async function setUp(page: Page, cast: Cast, support: string): Promise<void> {
      const t = words(cast.lang)
      await test.step('set-up', async () => {
        await page.goto(desk.setup)
        await page.getByLabel(t('setup.name')).fill(cast.agent)
        await page.getByLabel(t('session.email')).fill(`admin@${cast.lang}.example`)
        await page.getByLabel(t('session.password')).fill('a long enough password')
        await accessible(page)
        await page.getByRole('button', { name: t('setup.continue') }).click()
        await page.getByLabel(t('setup.brand.name')).fill(cast.brand)
        await accessible(page)
        await page.getByRole('button', { name: t('setup.continue') }).click()
        await page.getByLabel(t('setup.inbox.address')).fill(support)
        const servers: [string, string][] = [[peer.imap, t('setup.receive.title')], [peer.smtp, t('setup.send.title')]]
        await page.getByLabel(t('setup.send.same')).uncheck()
        for (const [address, part] of servers) {
          const box = page.getByRole('group', { name: part })
          const [host, port] = address.split(':')
          await box.getByLabel(t('setup.server.host')).fill(host)
          await box.getByLabel(t('setup.server.port')).fill(port)
          await box.getByLabel(t('setup.server.security')).selectOption('plain')
          await box.getByRole('textbox', { name: t('setup.server.username'), exact: true }).fill(support)
        }
        const passwords = async (secret: string) => {
          for (const box of await page.getByLabel(t('setup.server.password'), { exact: true }).all()) await box.fill(secret)
        }
        await passwords('wrong password')
        await page.getByRole('button', { name: t('setup.check.run') }).click()
        await expect(page.getByText(/NO |AUTHENTICATIONFAILED|535/).first()).toBeVisible() // the server's own words
        await passwords('mailbox-secret')
        await page.getByRole('button', { name: t('setup.check.run') }).click()
        await expect(page.getByText(t('setup.check.ok', { what: t('setup.receive.title') }))).toBeVisible()
        await accessible(page)
        await page.getByRole('button', { name: t('setup.finish') }).click()
        await expect(page).toHaveURL(/inbox/)
      })
    }

    async function surveysAtOnce(page: Page): Promise<void> {
      const inboxes = (await (await page.request.get(`${desk.url}/api/v1/inboxes`)).json()) as { items: { id: string }[] }
      const r = await page.request.put(`${desk.url}/api/v1/inboxes/${inboxes.items[0].id}/survey-policy`, { data: { enabled: true, delayMinutes: 0, sampling: 100, cooldownDays: 0, quietFrom: '', quietTo: '' } })
      expect(r.status()).toBe(200)
    }

    /** Opens the newest survey mail as the customer would, without JavaScript, on a small screen. */
    async function rate(browser: Browser, cast: Cast, customer: string, score: number, comment: string): Promise<void> {
      const t = words(cast.lang)
      const mail = await mailTo(peer, customer, (m) => /\/s\/[\w-]+/.test(m.text) && !used.has(m.id))
      used.add(mail.id)
      const link = /https?:\/\/\S+\/s\/[\w-]+/.exec(mail.text)![0]
      const context = await browser.newContext({ locale: cast.locale, javaScriptEnabled: false, viewport: { width: 320, height: 640 } })
      const page = await context.newPage()
      const address = new URL(link)
      await page.goto(`${desk.url}${address.pathname}?score=${score}`)
      await page.getByRole('textbox').first().fill(comment)
      await page.getByRole('button', { name: t('survey.page.send') }).click()
      await expect(page.getByText(t(score > 3 ? 'survey.thanks.satisfied' : 'survey.thanks.dissatisfied')).first()).toBeVisible()
      await context.close()
    }
    const used = new Set<string>()

    /** Works the case on its page, step by step, as the person responsible does. */
    async function mend(page: Page, cast: Cast, customer: string): Promise<void> {
      const t = words(cast.lang)
      await page.getByRole('link', { name: cast.customer }).first().click()
      const now = page.locator('li[aria-current=step]')
      const at = (key: string) => expect(now.getByRole('heading')).toContainText(t(`playbook.step.${key}.title`))
      const letter = async (text: string, promise = '') => {
        await now.getByRole('button', { name: t('case.step.write') }).click()
        await page.getByRole('textbox', { name: t('case.write.text') }).fill(text)
        if (promise) {
          await page.getByLabel(t('case.write.promise')).check()
          await page.getByLabel(t('case.promise.text')).fill(promise)
        }
        await page.getByRole('button', { name: t('case.write.send'), exact: true }).click()
      }
      const done = async (evidence: string) => {
        await now.getByRole('button', { name: t('case.step.done') }).click()
        await now.getByLabel(t('case.step.evidence')).fill(evidence)
        await now.getByRole('button', { name: t('case.step.done') }).click()
      }
      const gate = page.getByRole('region', { name: t('case.gate') })
      const note = async (n: number, label: string, text: string) => {
        await gate.getByRole('button', { name: t('app.add') }).nth(n).click()
        await gate.getByLabel(label, { exact: true }).fill(text)
        await gate.getByRole('button', { name: t('app.save') }).click()
        await expect(gate.getByText(text)).toBeVisible()
      }

      await at('acknowledge')
      await accessible(page)
      await now.getByRole('button', { name: t('case.step.take') }).click()
      await letter(cast.apology, cast.promise)
      await at('listen')
      await done(cast.comment)
      await at('explain')
      await letter(cast.cause)
      await at('agree')
      await note(0, t('case.cause.text'), cast.cause)
      await page.getByRole('button', { name: t('case.close'), exact: true }).click()
      await expect(gate.getByText(t('error.recovery.gate.measure')).first()).toBeVisible() // the gate says what is missing
      await note(0, t('case.measure.text'), cast.measure)
      await letter(cast.measure)
      await at('remedy')
      await page.getByRole('button', { name: t('case.remedy.add') }).click()
      await page.getByLabel(t('case.remedy.type')).selectOption('apology')
      await page.getByLabel(t('case.remedy.text')).fill(cast.apology)
      await page.getByRole('button', { name: t('case.remedy.offer'), exact: true }).click()
      await page.getByRole('button', { name: t('case.remedy.deliver') }).click() // and with it the step is finished
      await at('confirm')
      await letter(`${cast.cause} ${cast.measure}`)
      await at('survey')
      const promises = page.getByRole('region', { name: t('case.promises') }).last()
      await promises.getByRole('button', { name: t('case.promise.keep'), exact: true }).click()
      await mailTo(peer, customer, (m) => m.text.includes(cast.apology))
      await page.getByRole('button', { name: t('case.close'), exact: true }).click()
      await expect(page.getByText(t('case.close.waits'))).toBeVisible()
      await accessible(page)
    }
  })
}
