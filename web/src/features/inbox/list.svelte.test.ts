import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { live, type Fact } from '$lib/api/live.svelte'
import type { Conversation } from '$lib/api/types'
import { notices } from '$lib/notice.svelte'
import { desk } from './desk.svelte'
import { filterOf } from './filter'
import { ConversationList } from './list.svelte'

// A server with two conversations; `into` is where a merged one leads to.
const conv = (id: string, minute: number) => ({ id, version: 1, subject: id, status: 'open', assigneeId: null, tags: [], priority: 'normal', lastMessageAt: `2026-11-01T10:${minute}:00Z` }) as unknown as Conversation
const server = new Map<string, Conversation>()
const into = new Map<string, string>()
const answer = (body: unknown) => new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } })

let tell: (facts: Fact[]) => void
beforeEach(() => {
  server.clear()
  into.clear()
  for (const c of [conv('conv_a', 30), conv('conv_b', 20)]) server.set(c.id, c)
  vi.spyOn(live, 'onFacts').mockImplementation((t) => {
    tell = t
    return () => {}
  })
  vi.stubGlobal('fetch', async (request: Request) => {
    const [, id, act] = new URL(request.url).pathname.replace('/api/v1/', '').split('/')
    if (!id) return answer({ items: [...server.values()].filter((c) => !into.has(c.id)) })
    if (act === 'merge') into.set(id, ((await request.json()) as { intoId: string }).intoId)
    const c = server.get(into.get(id) ?? id)!
    return answer(act === 'merge' ? { ...c, version: c.version + 1 } : c)
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  detach()
})

let detach = () => {}
async function shown(): Promise<ConversationList> {
  const list = new ConversationList(filterOf('all', new URLSearchParams()))
  detach = list.attach()
  await list.load()
  expect(list.ids).toEqual(['conv_a', 'conv_b'])
  return list
}
const fact = (name: string, subject: string): Fact => ({ seq: 1, name, subject, conversationId: subject })

test('merged here: the row leaves, also while it is open', async () => {
  const list = await shown()
  list.open = 'conv_b'
  await desk.merge('conv_b', 'conv_a')
  expect(list.ids).toEqual(['conv_a'])
})

test('merged in another browser: the row leaves, and whoever reads it is led on', async () => {
  const list = await shown()
  const led = vi.fn()
  const stop = desk.onMerged(led)
  into.set('conv_b', 'conv_a')
  tell([fact('conversation.merged', 'conv_b')])
  await expect.poll(() => list.ids).toEqual(['conv_a'])
  expect(led).toHaveBeenCalledWith('conv_b', 'conv_a')
  stop()
})

test('a merge that was missed shows when the row is read again', async () => {
  const list = await shown()
  into.set('conv_b', 'conv_a')
  await desk.refresh(['conv_b'])
  expect(list.ids).toEqual(['conv_a'])
})

test('taken apart again: the row comes back', async () => {
  const list = await shown()
  await desk.merge('conv_b', 'conv_a')
  into.clear()
  tell([fact('conversation.updated', 'conv_b')])
  await expect.poll(() => list.ids).toEqual(['conv_a', 'conv_b'])
})

test('undone before the server has answered: the row is back, and does not wait behind the bar', async () => {
  const list = await shown()
  list.held = true
  const calls: { id: string; patch: Partial<Conversation>; answer: (r: Response) => void }[] = []
  const plain = fetch
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.method !== 'PATCH') return plain(request)
    const id = new URL(request.url).pathname.split('/').pop()!
    const patch = (await request.json()) as Partial<Conversation>
    return new Promise<Response>((answer) => calls.push({ id, patch, answer }))
  })
  const done = () => {
    const { id, patch, answer: to } = calls.shift()!
    const c = { ...server.get(id)!, ...patch, version: server.get(id)!.version + 1 }
    server.set(id, c)
    to(answer(c))
  }
  const undo: { act?: () => void } = {}
  vi.spyOn(notices, 'undoable').mockImplementation((_, act) => {
    undo.act = act
  })
  const acted = desk.change(['conv_b'], { status: 'resolved' }, 'resolved')
  expect(list.ids).toEqual(['conv_a'])
  undo.act!()
  expect(list.ids).toEqual(['conv_a', 'conv_b'])
  await expect.poll(() => calls.length).toBe(1) // the undoing waits for what it undoes
  done()
  await acted
  tell([fact('conversation.updated', 'conv_b')])
  await expect.poll(() => calls.length).toBe(1)
  expect(list.ids).toEqual(['conv_a', 'conv_b'])
  done()
  await expect.poll(() => desk.get('conv_b')).toMatchObject({ status: 'open', version: 3 })
  expect(list.ids).toEqual(['conv_a', 'conv_b'])
  expect(list.fresh).toBe(0)
})
