import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Live, type Fact } from './live.svelte'

class Socket {
  static all: Socket[] = []
  readyState = 0
  sent: Record<string, unknown>[] = []
  onopen: (() => void) | null = null
  onmessage: ((e: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  constructor(readonly url: string) {
    Socket.all.push(this)
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  close(): void {
    this.readyState = 3
    this.onclose?.()
  }
  open(): void {
    this.readyState = 1
    this.onopen?.()
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}
const last = () => Socket.all.at(-1)!
const fact = (seq: number, name = 'conversation.updated') => ({ type: 'fact', seq, name, subject: 'conv_1' })

let live: Live
let heard: Fact[]
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'requestAnimationFrame'] })
  vi.stubGlobal('WebSocket', Object.assign(Socket, { OPEN: 1 }))
  Socket.all = []
  heard = []
  live = new Live(() => 'ws://test/live')
  live.onFacts((list) => heard.push(...list))
  live.start()
})
afterEach(() => {
  live.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('says hello, tells facts in batches and drops doubles', () => {
  last().open()
  expect(last().sent).toEqual([{ type: 'hello', since: 0 }])
  last().say({ type: 'hello', seq: 10, agentId: 'a' })
  expect(live.state).toBe('live')
  for (const seq of [11, 12, 12, 11]) last().say(fact(seq))
  expect(heard).toEqual([])
  vi.advanceTimersByTime(60)
  expect(heard.map((f) => f.seq)).toEqual([11, 12])
})

test('after a lost connection it asks for what it missed, and waits longer each time', () => {
  last().open()
  last().say({ type: 'hello', seq: 10, agentId: 'a' })
  last().say(fact(11))
  last().close()
  expect(live.state).toBe('lost')
  vi.advanceTimersByTime(600)
  expect(Socket.all).toHaveLength(2)
  last().close()
  vi.advanceTimersByTime(450)
  expect(Socket.all).toHaveLength(2)
  vi.advanceTimersByTime(700)
  expect(Socket.all).toHaveLength(3)
  last().open()
  expect(last().sent[0]).toEqual({ type: 'hello', since: 10 })
  last().say({ type: 'hello', seq: 13, agentId: 'a' })
  last().say(fact(11))
  last().say(fact(12))
  last().say(fact(13))
  vi.advanceTimersByTime(60)
  expect(heard.map((f) => f.seq)).toEqual([11, 12, 13])
})

test('a new fact that overtakes missed ones does not hide them', () => {
  last().open()
  last().say({ type: 'hello', seq: 10, agentId: 'a' })
  vi.advanceTimersByTime(6_000)
  last().close()
  vi.advanceTimersByTime(600)
  last().open()
  expect(last().sent[0]).toEqual({ type: 'hello', since: 10 })
  last().say(fact(14))
  last().say({ type: 'hello', seq: 13, agentId: 'a' })
  for (const seq of [11, 12, 13, 14]) last().say(fact(seq))
  vi.advanceTimersByTime(60)
  expect(heard.map((f) => f.seq)).toEqual([14, 11, 12, 13])
  vi.advanceTimersByTime(6_000)
  last().close()
  vi.advanceTimersByTime(600)
  last().open()
  expect(last().sent[0]).toEqual({ type: 'hello', since: 14 })
})

test('a line that says nothing more is found out', () => {
  last().open()
  last().say({ type: 'hello', seq: 10, agentId: 'a' })
  vi.advanceTimersByTime(25_000)
  expect(last().sent.at(-1)).toEqual({ type: 'hello', since: 10 })
  vi.advanceTimersByTime(10_000)
  expect(live.state).toBe('lost')
})

test('resync and presence arrive; what is viewed is told again after a reconnect', () => {
  const resync = vi.fn()
  live.onResync(resync)
  last().open()
  last().say({ type: 'hello', seq: 10, agentId: 'a' })
  live.view('conv_1')
  last().say({ type: 'presence', conversationId: 'conv_1', viewing: ['b'], typing: [] })
  expect(live.presence.conv_1).toEqual({ viewing: ['b'], typing: [] })
  last().say({ type: 'resync' })
  expect(resync).toHaveBeenCalledOnce()
  last().close()
  expect(live.presence).toEqual({})
  vi.advanceTimersByTime(600)
  last().open()
  last().say({ type: 'hello', seq: 10, agentId: 'a' })
  expect(last().sent.at(-1)).toEqual({ type: 'viewing', conversationId: 'conv_1' })
})

test('a network that the browser knows to be gone is said at once, and tried again when it is back', () => {
  last().open()
  last().say({ type: 'hello', seq: 10, agentId: 'a' })
  const before = last()
  dispatchEvent(new Event('offline'))
  expect(live.state).toBe('lost')
  dispatchEvent(new Event('online'))
  expect(last()).not.toBe(before)
  last().open()
  last().say({ type: 'hello', seq: 10, agentId: 'a' })
  expect(live.state).toBe('live')
})

test('what is no message of ours is passed over', () => {
  last().open()
  last().onmessage?.({ data: 'not json' })
  expect(live.state).toBe('connecting')
})

test('says that the server cannot save, by its word or by a refusal, until it can again', async () => {
  const states = { ready: false, database: true, storage: false }
  const asked = vi.fn(() => Promise.resolve(new Response(JSON.stringify(states), { status: 503 })))
  vi.stubGlobal('fetch', asked)
  last().open()
  last().say({ type: 'hello', seq: 10, agentId: 'a' })
  last().say({ type: 'away' })
  expect(live.away).toBe(true)
  last().say({ type: 'back' })
  expect(live.away).toBe(false)

  live.trouble()
  live.trouble()
  expect(live.away).toBe(true)
  await vi.advanceTimersByTimeAsync(4_000)
  expect(asked).toHaveBeenCalledTimes(1)
  expect(live.away).toBe(true)
  asked.mockImplementationOnce(() => Promise.reject(new Error('no answer')))
  await vi.advanceTimersByTimeAsync(4_000)
  expect(live.away).toBe(true)
  states.storage = true
  await vi.advanceTimersByTimeAsync(8_000)
  expect(live.away).toBe(false)
  const before = asked.mock.calls.length
  await vi.advanceTimersByTimeAsync(20_000)
  expect(asked.mock.calls.length).toBe(before)
})
