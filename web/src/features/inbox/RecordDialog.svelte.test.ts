import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { render } from 'vitest-browser-svelte'
import { userEvent } from 'vitest/browser'
import type { Conversation, Me } from '$lib/api/types'
import { session } from '$lib/session.svelte'
import RecordDialog from './RecordDialog.svelte'

const c = { id: 'conv_1', ref: 12, subject: 'Lamp', customer: { id: 'cust_1', name: 'Yumi', address: '' } } as unknown as Conversation
const bodies: Record<string, unknown>[] = []

beforeEach(() => {
  bodies.length = 0
  sessionStorage.clear()
  session.me = { id: 'agent_1', name: 'Me', permissions: [] } as unknown as Me
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.method === 'POST') bodies.push(await request.json())
    return new Response(JSON.stringify({ ...c, items: [] }), { status: 200, headers: { 'content-type': 'application/json' } })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  session.me = null
})

test('what was typed outlives Escape, waits for its own conversation, and goes when it is saved', async () => {
  const first = await render(RecordDialog, { open: true, c })
  const words = first.getByRole('textbox', { name: 'What was said' })
  await expect.element(words).toHaveFocus()
  await userEvent.keyboard('The lamp arrived broken')
  await userEvent.keyboard('{Escape}')
  await expect.element(first.getByRole('dialog')).not.toBeInTheDocument()
  await first.unmount()

  const other = await render(RecordDialog, { open: true })
  await expect.element(other.getByRole('textbox', { name: 'Customer' })).toHaveFocus()
  await expect.element(other.getByRole('textbox', { name: 'What was said' })).toHaveValue('')
  await other.unmount()

  const again = await render(RecordDialog, { open: true, c })
  await expect.element(again.getByText('What you had not saved is here again.')).toBeVisible()
  await expect.element(again.getByRole('textbox', { name: 'What was said' })).toHaveValue('The lamp arrived broken')
  await again.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => bodies.length).toBe(1)
  expect(bodies[0]).toMatchObject({ conversationId: 'conv_1', how: 'phone', text: 'The lamp arrived broken' })
  await expect.poll(() => sessionStorage.length).toBe(0)
})

test('what comes back can be thrown away', async () => {
  const first = await render(RecordDialog, { open: true, c })
  await first.getByRole('textbox', { name: 'What was said' }).fill('Another call')
  await first.unmount()
  const again = await render(RecordDialog, { open: true, c })
  await again.getByRole('button', { name: 'Start over' }).click()
  await expect.element(again.getByRole('textbox', { name: 'What was said' })).toHaveValue('')
  await expect.poll(() => sessionStorage.length).toBe(0)
})
