// The whole story, once in each language: set-up, a mail comes in, an answer goes
// out, a bad score opens a case, the case is worked, the customer is won back.
import { expect, test, type Browser, type Page } from '@playwright/test'
import { accessible, mailTo, post, startDesk, startPeer, words, type Desk, type Peer } from './desk'

interface Cast { lang: 'ja' | 'en'; locale: string; brand: string; agent: string; customer: string; subject: string; question: string; answer: string; comment: string; apology: string; cause: string; measure: string; thanks: string }

const casts: Cast[] = [
  { lang: 'ja', locale: 'ja-JP', brand: 'みなと文具', agent: '相川 葵', customer: '白石 透', subject: '注文した万年筆が届きません', question: '先週注文した万年筆がまだ届きません。いつ届きますか。', answer: 'ご連絡ありがとうございます。明日お届けします。', comment: '約束の日に届きませんでした。', apology: '約束の日にお届けできず、誠に申し訳ありません。明日 15 時までに必ずご連絡いたします。', cause: '配送会社への引き渡しが一日遅れていました。', measure: '出荷の締め時刻を早めました。', thanks: '丁寧に対応していただきました。' },
  { lang: 'en', locale: 'en-GB', brand: 'Harbour Pens', agent: 'Alex Reed', customer: 'Jamie Stone', subject: 'My pen has not arrived', question: 'The pen I ordered last week is not here yet. When will it come?', answer: 'Thank you for writing. It will be with you tomorrow.', comment: 'It did not come on the promised day.', apology: 'We did not keep our word, and I am sorry. You will hear from me by tomorrow, 15:00.', cause: 'The parcel was handed over a day late.', measure: 'The cut-off for shipping is earlier now.', thanks: 'Handled with care.' },
]

for (const cast of casts) {
  test.describe(`the whole story (${cast.lang})`, () => {
    let desk: Desk, peer: Peer
    test.beforeAll(async () => { ;[desk, peer] = await Promise.all([startDesk(), startPeer()]) })
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

    /** Works the case with the API that the page uses, then looks at the page. */
    async function mend(page: Page, cast: Cast, customer: string): Promise<void> {
      const api = `${desk.url}/api/v1`
      const call = async (method: 'get' | 'post' | 'patch', path: string, data?: unknown) => {
        const r = await page.request[method](api + path, { data })
        expect(r.ok(), `${method} ${path}: ${r.status()} ${r.ok() ? '' : await r.text()}`).toBe(true)
        return (await r.json()) as Record<string, any>
      }
      const id = (await call('get', '/cases')).items[0].id as string
      await call('post', `/cases/${id}/take`)
      for (;;) {
        const c = await call('get', `/cases/${id}`)
        const step = c.steps.find((s: { state: string }) => s.state === 'active')
        if (!step || step.key === 'survey') break
        if (['acknowledge', 'explain', 'agree', 'confirm'].includes(step.key)) {
          if (step.key === 'agree') await call('patch', `/cases/${id}`, { cause: { category: 'delivery', locus: 'firm', stability: 'once', text: cast.cause }, measure: { text: cast.measure } })
          await call('post', `/cases/${id}/messages`, { text: step.key === 'acknowledge' ? cast.apology : `${cast.cause} ${cast.measure}`, stepId: step.id })
          continue
        }
        await call('post', `/cases/${id}/steps/${step.id}/complete`, { evidence: { text: cast.measure } })
      }
      await mailTo(peer, customer, (m) => m.text.includes(cast.apology))
      // The last letter leaves after its hold; only then does the follow-up make sense.
      await call('post', `/cases/${id}/close`, { followUp: true })
      await page.goto(`${desk.url}/cases/${id}`)
      await expect(page.getByText(cast.cause).first()).toBeVisible()
      await accessible(page)
    }
  })
}
