import { expect, test, vi } from 'vitest'
import { render } from 'vitest-browser-svelte'
import type { Delivery, Message } from '$lib/api/types'
import MessageItem from './MessageItem.svelte'

const delivery = (state: Delivery['state'], error = ''): Delivery => ({ state, at: '2026-11-01T05:00:00Z', error, attempts: 1, holdUntil: new Date(Date.now() + 9_500).toISOString(), deliveredAt: null, readAt: null })
const message = (more: Partial<Message>): Message => ({
  id: 'msg_1', conversationId: 'conv_1', kind: 'outgoing', author: { kind: 'agent', id: 'a', name: 'Tom' }, at: '2026-11-01T05:00:00Z', from: null, replyTo: [], to: [], cc: [], bcc: [], hasRaw: false,
  subject: '', text: 'Hello', quoted: '', hasHtml: false, remoteImages: 0, lang: 'en', attachments: [], delivery: null, automatic: false, event: null, ...more,
})
const acts = () => ({ onreply: vi.fn(), onsplit: vi.fn(), oncancel: vi.fn(), onretry: vi.fn(), writable: true })

test('a held message counts down and can be taken back', async () => {
  const on = acts()
  const screen = await render(MessageItem, { message: message({ delivery: delivery('held') }), ...on })
  await expect.element(screen.getByText(/Sends in (9|10) s/)).toBeVisible()
  await screen.getByRole('button', { name: 'Undo' }).click()
  expect(on.oncancel).toHaveBeenCalledOnce()
})

test.each([
  ['failed', 'This message was not sent', 'Send again'],
  ['ambiguous', 'It is not certain that this message was sent', 'Send anyway'],
  ['bounced', 'This message came back', 'Send again'],
] as const)('%s says so, in the server’s words too, and what to do', async (state, words, act) => {
  const on = acts()
  const screen = await render(MessageItem, { message: message({ delivery: delivery(state, '550 5.1.1 no such user') }), ...on })
  await expect.element(screen.getByText(words)).toBeVisible()
  await expect.element(screen.getByText('550 5.1.1 no such user')).toBeVisible()
  await screen.getByRole('button', { name: act }).click()
  expect(on.onretry).toHaveBeenCalledOnce()
})

test('mail is shown in a frame that can run nothing, without remote images', async () => {
  const screen = await render(MessageItem, { message: message({ kind: 'incoming', hasHtml: true, remoteImages: 2 }), ...acts() })
  const frame = () => document.querySelector('iframe')!
  expect(frame().getAttribute('sandbox')).not.toContain('allow-scripts')
  expect(frame().getAttribute('sandbox')).not.toContain('allow-forms')
  expect(frame().getAttribute('src')).toBe('/api/v1/messages/msg_1/document?images=0')
  await screen.getByRole('button', { name: 'Show images' }).click()
  expect(frame().getAttribute('src')).toBe('/api/v1/messages/msg_1/document?images=1')
})

test('text is text: nothing in it becomes markup', async () => {
  await render(MessageItem, { message: message({ kind: 'incoming', text: '<img src=x onerror=alert(1)> https://a.example' }), ...acts() })
  expect(document.querySelector('article img')).toBeNull()
  expect(document.querySelector('article a')!.getAttribute('rel')).toContain('noopener')
})

test('a note is named in words, not by colour alone', async () => {
  const screen = await render(MessageItem, { message: message({ kind: 'note' }), ...acts() })
  await expect.element(screen.getByText('Internal note', { exact: true })).toBeVisible()
})

test('recipients are told of mail only: ids of an app are for machines', async () => {
  const line = await render(MessageItem, { message: message({ to: [{ name: '', address: 'U0000000000000000000000000000a001' }] }), ...acts() })
  await expect.element(line.getByText('Hello')).toBeVisible()
  expect(document.body.textContent).not.toContain('U0000')
  await line.unmount()
  const mail = await render(MessageItem, { message: message({ to: [{ name: '', address: 'yumi@x.example' }] }), ...acts() })
  await expect.element(mail.getByText('To yumi@x.example')).toBeVisible()
})
