import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { FakeDesk } from '../sdk/src/testing/desk'
import type { About } from '../sdk/src/types'
import words from '../messages/en/chat.json'
import { h } from './dom'
import { mount } from './panel'

const about = (more: Partial<About> = {}): About => ({
  brand: 'Harbour Pens', lang: 'en', greeting: 'How can we help?', color: '#1f4d8a', ink: '#ffffff', onLight: '#1f4d8a', onDark: '#9dbcf0', open: true, opensAt: null, usual: '',
  email: false, mail: false, form: null, prompts: [], answers: 0, files: { panel: '', more: '', prompt: '' }, maxText: 20, maxFile: 1 << 20, maxFiles: 2,
  words: Object.fromEntries(Object.entries(words).filter(([k]) => k.startsWith('chat.panel.')).map(([k, v]) => [k.slice('chat.panel.'.length), v])), ...more,
})

let desk: FakeDesk
let host: HTMLElement
let badge = 0
let panel: ReturnType<typeof mount>

/** A page with the panel of a desk that is played in this page. */
function put(more: Partial<About> = {}, worker?: string): ReturnType<typeof mount> {
  host = h('div')
  document.body.append(host)
  const root = host.attachShadow({ mode: 'open' })
  const button = h('button', { 'aria-label': 'Open chat' })
  root.append(h('div', { class: 'r' }, button))
  panel = mount({ desk: 'https://desk.example', inbox: 'inb_1', about: about(more), root, button, worker, unread: (n) => (badge = n), more: () => import('./more') })
  return panel
}

beforeEach(() => {
  localStorage.clear()
  desk = new FakeDesk()
  vi.stubGlobal('fetch', desk.fetch)
  vi.stubGlobal('XMLHttpRequest', undefined)
  vi.stubGlobal('WebSocket', desk.socket())
})
afterEach(async () => {
  await panel.leave()
  host.remove()
  vi.unstubAllGlobals()
})

const log = () => page.getByRole('log')
const box = () => page.getByLabelText('Write a message')
const write = async (text: string) => {
  await box().fill(text)
  await userEvent.keyboard('{Enter}')
}
const token = () => [...desk.visitors.keys()].at(-1)!

test('words of others are words: no markup, and links that leave no trace', async () => {
  put().open()
  await write('hello')
  await expect.element(log()).toHaveTextContent('Sent')
  desk.say(token(), '<img src=x onerror="window.pwned=1"> see https://shop.example/a?b=1. <b>now</b>')
  await expect.element(log()).toHaveTextContent('<b>now</b>')
  expect((window as { pwned?: number }).pwned).toBeUndefined()
  const link = page.getByRole('link')
  await expect.element(link).toHaveAttribute('href', 'https://shop.example/a?b=1')
  await expect.element(link).toHaveAttribute('rel', 'noopener noreferrer nofollow')
})

test('Shift and Enter make a line, and what is too long is not sent', async () => {
  put().open()
  await box().fill('one')
  await userEvent.keyboard('{Shift>}{Enter}{/Shift}two')
  await expect.element(box()).toHaveValue('one\ntwo')
  await box().fill('x'.repeat(21))
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByRole('alert')).toHaveTextContent('This is 21 characters long; 20 fit into one message.')
  expect(desk.calls).toEqual([])
})

test('a refused message says why, and is sent again or forgotten', async () => {
  put().open()
  await write('one')
  await expect.element(log()).toHaveTextContent('Sent')
  desk.refuse.push([422, 'error.chat.long'])
  await write('two')
  await expect.element(log()).toHaveTextContent('Not sent: in words: error.chat.long')
  await page.getByRole('button', { name: 'Try again' }).click()
  await vi.waitFor(() => expect([...desk.visitors.values()][0]!.lines.map((l) => l.text)).toEqual(['one', 'two']))
  desk.refuse.push([422, 'error.chat.long'])
  await write('three')
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect.element(log()).not.toHaveTextContent('three')
})

test('earlier messages come when asked for', async () => {
  put().open()
  for (const w of ['a1', 'b2', 'c3', 'd4', 'e5']) await write(w)
  await vi.waitFor(() => expect([...desk.visitors.values()][0]!.lines).toHaveLength(5))
  panel.close()
  host.remove()
  put().open()
  await expect.element(log()).toHaveTextContent('e5')
  await expect.element(log()).not.toHaveTextContent('a1')
  await page.getByRole('button', { name: 'Show earlier messages' }).click()
  await expect.element(log()).toHaveTextContent(/a1.*b2.*c3.*d4.*e5/)
})

test('a closed panel counts what is new, an open one reads it', async () => {
  put().open()
  await write('one')
  await expect.element(log()).toHaveTextContent('Sent')
  panel.close()
  host.remove()
  desk.say(token(), 'two')
  put()
  await vi.waitFor(() => expect(badge).toBe(1))
  panel.open()
  expect(badge).toBe(0)
  await vi.waitFor(() => expect(desk.calls).toContain('POST read'))
})

test('a mail address first, where the company asks for one', async () => {
  desk.needsEmail = true
  put({ email: true }).open()
  await vi.waitFor(() => expect((host.shadowRoot!.activeElement as HTMLInputElement | null)?.type).toBe('email'))
  await expect.element(box()).not.toBeVisible()
  await page.getByLabelText('E-mail address').fill('mei@customer.example')
  await userEvent.keyboard('{Enter}')
  await write('one')
  await expect.element(log()).toHaveTextContent('Sent')
})

test('a mail address is offered once something was said, and only where it is of use', async () => {
  put().open()
  await write('one')
  await expect.element(log()).toHaveTextContent('Sent')
  await expect.element(page.getByLabelText('E-mail address')).not.toBeVisible()
  panel.close()
  host.remove()
  put({ mail: true }).open()
  await expect.element(log()).toHaveTextContent('one')
  await page.getByLabelText('E-mail address').fill('mei@customer.example')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByText('We can reach you at mei@customer.example.')).toBeVisible()
  await expect.element(page.getByLabelText('E-mail address')).not.toBeVisible()
})

test('files are shown before they go, and one that is too large is not taken', async () => {
  put().open()
  const pick = host.shadowRoot!.querySelector<HTMLInputElement>('input[type=file]')!
  const give = (...list: File[]) => {
    const all = new DataTransfer()
    for (const f of list) all.items.add(f)
    pick.files = all.files
    pick.dispatchEvent(new Event('change'))
  }
  give(new File(['x'], 'a.txt'), new File([new Uint8Array(2 << 20)], 'large.bin'))
  await expect.element(page.getByRole('alert')).toHaveTextContent('large.bin is larger than 1 MB.')
  give(new File(['y'], 'b.txt'), new File(['z'], 'c.txt'))
  await expect.element(page.getByRole('alert')).toHaveTextContent('You can attach 2 files at a time.')
  await page.getByRole('button', { name: 'Remove b.txt' }).click()
  await page.getByRole('button', { name: 'Send' }).click()
  await expect.element(log()).toHaveTextContent('Sent')
  expect(desk.calls.filter((c) => c === 'POST files')).toHaveLength(1)
})

test('on a narrow screen the panel covers the page and keeps the focus', async () => {
  await page.viewport(320, 640)
  put().open()
  const root = host.shadowRoot!
  const close = page.getByRole('button', { name: 'Close chat' })
  ;(close.element() as HTMLElement).focus()
  await userEvent.keyboard('{Shift>}{Tab}{/Shift}')
  expect(root.activeElement?.textContent).toBe('Send')
  await userEvent.keyboard('{Tab}')
  expect(root.activeElement?.getAttribute('aria-label')).toBe('Close chat')
  await userEvent.keyboard('{Escape}')
  expect(root.activeElement?.getAttribute('aria-label')).toBe('Open chat')
  await page.viewport(1280, 800)
})

test('what is asked before the first words goes with them', async () => {
  put({ form: { unknown: false, fields: [{ name: 'mail', type: 'email', label: 'E-mail address', required: true, choices: [] }, { name: 'topic', type: 'choice', label: 'Topic', required: false, choices: ['Delivery', 'Return'] }] } }).open()
  await write('It is too small.')
  await expect.element(page.getByRole('alert').filter({ hasText: 'Please fill in: E-mail address' })).toBeVisible()
  expect(desk.calls).toEqual([])
  await page.getByRole('group', { name: 'Before you write' }).getByLabelText('E-mail address').fill('mei@customer.example')
  await page.getByLabelText('Topic (optional)').selectOptions('Return')
  await box().click()
  await userEvent.keyboard('{Enter}')
  await expect.element(log()).toHaveTextContent('Sent')
  expect(desk.said[0]).toMatchObject({ text: 'It is too small.', entered: { mail: 'mei@customer.example', topic: '1' } })
  await expect.element(page.getByLabelText('Topic (optional)')).not.toBeVisible()
  await write('And blue.')
  await vi.waitFor(() => expect(desk.said).toHaveLength(2))
  expect(desk.said[1]).not.toHaveProperty('entered')
})

test('the question how it went is answered in place, and changed', async () => {
  put().open()
  await write('one')
  await expect.element(log()).toHaveTextContent('Sent')
  desk.ask(token())
  await page.getByRole('button', { name: 'Send answer' }).click()
  await expect.element(page.getByRole('alert').filter({ hasText: 'one of the five' })).toBeVisible()
  expect(desk.calls).not.toContain('POST survey')
  await page.getByRole('radio', { name: 'label 2' }).click({ force: true })
  await page.getByRole('radio', { name: 'Yes' }).click()
  await page.getByLabelText('What should we know? (optional)').fill('too slow')
  await page.getByRole('button', { name: 'Send answer' }).click()
  await expect.element(page.getByText('You answered “label 2”. We will do better.')).toBeVisible()
  expect([...desk.visitors.values()][0]!.survey).toMatchObject({ score: 2, comment: 'too slow', repeated: true })
  await page.getByRole('button', { name: 'Change answer' }).click()
  await expect.element(page.getByLabelText('What should we know? (optional)')).toHaveValue('too slow')
  await expect.element(page.getByRole('radio', { name: 'Yes' })).toBeChecked()
  await page.getByRole('radio', { name: 'No answer' }).click()
  await page.getByRole('button', { name: 'Send answer' }).click()
  await vi.waitFor(() => expect([...desk.visitors.values()][0]!.survey).toMatchObject({ score: 2, repeated: null }))
})

test('a closed conversation is said to be closed before its questions come again', async () => {
  put({ form: { unknown: false, fields: [{ name: 'topic', type: 'choice', label: 'Topic', required: false, choices: ['Delivery'] }] } }).open()
  await write('one')
  await expect.element(log()).toHaveTextContent('Sent')
  await expect.element(page.getByText(words['chat.panel.ended'])).not.toBeVisible()
  desk.close(token())
  await expect.element(page.getByText(words['chat.panel.ended'])).toBeVisible()
  await expect.element(page.getByLabelText('Topic (optional)')).toBeVisible()
  await write('two')
  await expect.element(page.getByText(words['chat.panel.ended'])).not.toBeVisible()
})

test('quick answers are found while typing, and one that does not help leads to the box', async () => {
  desk.quick = [{ id: 'a1', title: 'Postage', body: 'It is free, see https://shop.example/post' }, { id: 'a2', title: 'カタログ', body: 'Ask us.' }]
  put({ answers: 2 }).open()
  await page.getByLabelText('Find an answer').fill('かたろぐ')
  await expect.element(page.getByRole('button', { name: 'Postage' })).not.toBeInTheDocument()
  await page.getByLabelText('Find an answer').fill('free')
  await page.getByRole('button', { name: 'Postage' }).click()
  await expect.element(page.getByRole('link')).toHaveAttribute('href', 'https://shop.example/post')
  await page.getByRole('button', { name: 'No, write to us' }).click()
  expect(desk.votes).toEqual(['a1 false'])
  expect((host.shadowRoot!.activeElement as HTMLElement | null)?.tagName).toBe('TEXTAREA')
  expect(localStorage.length).toBe(0)
})

test('a browser that accepted once is told in every session, until its visitor leaves', async () => {
  let subscribed = true
  let key = 'of before'
  const subscription = { toJSON: () => ({ endpoint: `https://push.example/${key}` }), unsubscribe: async () => !(subscribed = false) }
  const manager = {
    getSubscription: async () => (subscribed ? subscription : null),
    subscribe: async () => {
      if (subscribed && key !== 'of now') throw new DOMException('another key', 'InvalidStateError')
      subscribed = true
      key = 'of now'
      return subscription
    },
  }
  let scope = new URL('/', location.href).href // of another worker of the site
  vi.stubGlobal('Notification', { permission: 'granted' })
  const asked = vi.spyOn(navigator.serviceWorker, 'getRegistration').mockImplementation(async () => ({ scope, pushManager: manager }) as unknown as ServiceWorkerRegistration)
  const offer = () => page.getByRole('button', { name: words['chat.panel.pushYes'] })

  put({}, '/sw.js').open()
  await write('one')
  await expect.element(offer()).toBeVisible()
  await panel.leave()
  expect(subscribed).toBe(true)
  expect(desk.told).toEqual([])
  host.remove()

  scope = new URL('/kintsugi-push/', location.href).href
  put({}, '/sw.js').open()
  await write('two')
  await vi.waitFor(() => expect(desk.told).toEqual([`${token()} https://push.example/of now`]))
  await expect.element(offer()).not.toBeInTheDocument()
  panel.leave()
  await vi.waitFor(() => expect(subscribed).toBe(false))
  await write('three')
  await expect.element(offer()).toBeVisible()
  expect(desk.told).toHaveLength(1)
  asked.mockRestore()
})

test('what the page said first stands in the thread, and goes with the answer', async () => {
  put().open({ id: 'i1', text: 'Can we help?' })
  await expect.element(log()).toHaveTextContent('Can we help?')
  await write('Yes')
  await vi.waitFor(() => expect(desk.said[0]).toMatchObject({ text: 'Yes', prompt: 'i1' }))
})
