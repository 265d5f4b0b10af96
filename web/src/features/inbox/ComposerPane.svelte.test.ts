import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { render } from 'vitest-browser-svelte'
import { userEvent } from 'vitest/browser'
import type { Me, Message } from '$lib/api/types'
import { session } from '$lib/session.svelte'
import { Composer } from './composer.svelte'
import ComposerPane from './ComposerPane.svelte'

const asked: { method: string; path: string; body: Record<string, unknown>; once: string | null }[] = []
let refuse: object | undefined
let offline = false

beforeEach(() => {
  asked.length = 0
  refuse = undefined
  offline = false
  session.me = { id: 'agent_1', name: 'Me', composer: 'plain', sendKey: 'mod-enter', permissions: [] } as unknown as Me
  vi.stubGlobal('fetch', async (request: Request) => {
    const path = new URL(request.url).pathname.replace('/api/v1', '')
    const body = request.method === 'POST' || request.method === 'PUT' ? await request.json() : {}
    asked.push({ method: request.method, path, body, once: request.headers.get('Idempotency-Key') })
    if (offline && path.endsWith('/messages')) throw new TypeError('no network')
    if (refuse && path.endsWith('/messages')) return new Response(JSON.stringify(refuse), { status: 422, headers: { 'content-type': 'application/problem+json' } })
    return new Response(JSON.stringify({ ...message, id: 'msg_new' }), { status: 200, headers: { 'content-type': 'application/json' } })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  session.me = null
})

const message = { id: 'msg_1', conversationId: 'conv_1', kind: 'incoming', from: { name: 'Yumi', address: 'yumi@x.example' }, to: [{ name: '', address: 'support@shop.example' }], cc: [], bcc: [] } as unknown as Message
const sends = () => asked.filter((a) => a.method === 'POST' && a.path.endsWith('/messages'))

async function open(mode: 'reply' | 'note' = 'reply') {
  const composer = new Composer('conv_1')
  const onsent = vi.fn()
  const screen = await render(ComposerPane, { composer, messages: [message], own: ['support@shop.example'], typing: [], signature: '', onsent })
  await screen.getByRole('button', { name: mode === 'reply' ? 'Reply' : 'Internal note' }).click()
  const field = screen.getByRole('textbox', { name: mode === 'reply' ? 'Message' : 'Internal note' })
  return { composer, onsent, screen, field }
}

test('Enter makes a line, Ctrl+Enter sends to the writer', async () => {
  const { field, onsent } = await open()
  await field.fill('Hello')
  await userEvent.click(field)
  await userEvent.keyboard('{Enter}')
  expect(sends()).toHaveLength(0)
  await userEvent.keyboard('there{Control>}{Enter}{/Control}')
  await expect.poll(() => onsent.mock.calls.length).toBe(1)
  expect(sends()[0]!.body).toMatchObject({ kind: 'reply', text: 'Hello\nthere', to: [{ name: 'Yumi', address: 'yumi@x.example' }] })
})

test('the Enter that confirms a conversion never sends, not even when Enter sends', async () => {
  session.me = { ...session.me!, sendKey: 'enter' }
  const { field } = await open()
  await field.fill('ありがとう')
  const element = field.element()
  element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true } as KeyboardEventInit))
  element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))
  expect(sends()).toHaveLength(0)
  element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
  await expect.poll(() => sends().length).toBe(1)
})

test('a note says that it is one and goes to nobody outside', async () => {
  const { field, screen } = await open('note')
  await expect.element(screen.getByText('Only colleagues see this')).toBeVisible()
  await field.fill('Ask the warehouse')
  await screen.getByRole('button', { name: 'Add note' }).click()
  await expect.poll(() => sends().length).toBe(1)
  expect(sends()[0]!.body).toMatchObject({ kind: 'note', text: 'Ask the warehouse' })
  expect(sends()[0]!.body).not.toHaveProperty('to')
})

test('a refusal keeps the words and says which field', async () => {
  refuse = { status: 422, detail: 'Please check the fields', errors: [{ location: 'body.to', message: 'Nobody lives there' }] }
  const { field, screen, onsent } = await open()
  await field.fill('Hello')
  await screen.getByRole('button', { name: 'Send', exact: true }).click()
  await expect.element(screen.getByText('Nobody lives there')).toBeVisible()
  expect((field.element() as HTMLTextAreaElement).value).toBe('Hello')
  expect(onsent).not.toHaveBeenCalled()
})

test('repeating after a lost answer is the same sending', async () => {
  offline = true
  const { field, screen, onsent } = await open()
  await field.fill('Hello')
  await screen.getByRole('button', { name: 'Send', exact: true }).click()
  await expect.element(screen.getByRole('alert')).toBeVisible()
  offline = false
  await screen.getByRole('button', { name: 'Send', exact: true }).click()
  await expect.poll(() => onsent.mock.calls.length).toBe(1)
  expect(sends()).toHaveLength(2)
  expect(sends()[0]!.once).toBeTruthy()
  expect(sends()[1]!.once).toBe(sends()[0]!.once)
})

test('what is written is kept as a draft after a pause', async () => {
  const { field, screen } = await open()
  await field.fill('Half a thought')
  await expect.element(screen.getByText('Draft saved')).toBeVisible()
  expect(asked.find((a) => a.method === 'PUT')!.body).toMatchObject({ kind: 'reply', text: 'Half a thought' })
})

test('an inbox without a way to send takes notes, and says so in place of the editor', async () => {
  session.me = { ...session.me!, permissions: ['inbox.write'] } as unknown as Me
  const composer = new Composer('conv_1')
  const screen = await render(ComposerPane, { composer, messages: [message], own: [], typing: [], signature: '', mute: 'inb_1', onsent: vi.fn() })
  await screen.getByRole('button', { name: 'Reply', exact: true }).click()
  await expect.element(screen.getByText('This inbox cannot send')).toBeVisible()
  await expect.element(screen.getByRole('link', { name: 'Settings of this inbox' })).toHaveAttribute('href', '/settings/inboxes?id=inb_1')
  expect(screen.getByRole('textbox').elements()).toHaveLength(0)
  await screen.getByRole('radio', { name: 'Internal note' }).click()
  await expect.element(screen.getByRole('textbox', { name: 'Internal note' })).toBeVisible()
})
