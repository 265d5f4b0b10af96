import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Chat } from './chat'
import { FakeDesk, storage } from './testing/desk'
import type { ChatState } from './types'

let desk: FakeDesk
let kept: Storage
const open: Chat[] = []

beforeEach(() => {
  vi.useFakeTimers()
  desk = new FakeDesk()
  kept = storage()
})
afterEach(() => {
  for (const c of open.splice(0)) c.close()
  vi.useRealTimers()
})

/** A page of the visitor's browser. */
function page(more: object = {}): { chat: Chat; state: () => ChatState } {
  const chat = new Chat({ desk: 'https://desk.example', inbox: 'inb_1', storage: kept, fetch: desk.fetch as typeof fetch, WebSocket: desk.socket(), ...more })
  open.push(chat)
  let state!: ChatState
  chat.subscribe((s) => (state = s))
  return { chat, state: () => state }
}

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
const words = (s: ChatState) => [...s.messages.map((m) => m.text), ...s.pending.map((p) => `(${p.text})`)].join(' ')
const token = () => (JSON.parse(kept.getItem('kintsugi.chat.inb_1')!) as { token: string }).token

describe('before a visitor begins', () => {
  test('nothing is kept and nothing is asked', async () => {
    const p = page()
    expect(await p.chat.resume()).toBe(false)
    expect(kept.length).toBe(0)
    expect(desk.calls).toEqual([])
    expect(p.state().connection).toBe('idle')
  })

  test('who is signed in begins with the first words, or when they look', async () => {
    const p = page({ identity: 'a.b.c' })
    expect(await p.chat.resume()).toBe(false)
    await p.chat.identify('d.e.f', true)
    expect([kept.length, desk.calls]).toEqual([0, []])
    expect(await p.chat.resume(true)).toBe(true)
    await settle()
    expect(desk.proofs).toEqual(['d.e.f'])
    expect(p.state().connection).toBe('open')
  })
})

describe('a conversation', () => {
  test('begins with the first words and shows the answer', async () => {
    const p = page()
    p.chat.send('one')
    expect(words(p.state())).toBe('(one)')
    await settle()
    expect(words(p.state())).toBe('one')
    expect(p.state().connection).toBe('open')
    desk.say(token(), 'two')
    await settle()
    expect(words(p.state())).toBe('one two')
  })

  test('goes on in the next page', async () => {
    page().chat.send('one')
    await settle()
    const next = page()
    expect(await next.chat.resume()).toBe(true)
    await settle()
    expect(words(next.state())).toBe('one')
    expect(desk.visitors.size).toBe(1)
  })

  test('brings earlier words by and by', async () => {
    const p = page()
    for (const w of ['a', 'b', 'c', 'd', 'e']) {
      p.chat.send(w)
      await settle()
    }
    const next = page()
    await next.chat.resume()
    await settle()
    expect(words(next.state())).toBe('c d e')
    expect(next.state().hasOlder).toBe(true)
    await next.chat.loadOlder()
    expect(words(next.state())).toBe('a b c d e')
    expect(next.state().hasOlder).toBe(false)
  })

  test('says that everything was read', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    desk.say(token(), 'two')
    const next = page()
    await next.chat.resume()
    await settle()
    expect(next.state().unread).toBe(1)
    await next.chat.markRead()
    expect(next.state().unread).toBe(0)
    expect(desk.calls).toContain('POST read')
  })
})

describe('a broken line', () => {
  test('keeps words, sends them in order and none twice', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    desk.away = true
    desk.cut()
    p.chat.send('two')
    p.chat.send('three')
    await settle(5_000)
    expect(words(p.state())).toBe('one (two) (three)')
    desk.away = false
    desk.lose = 2 // the desk has it, and the page does not know
    await settle(120_000)
    expect(words(p.state())).toBe('one two three')
    expect([...desk.visitors.values()][0]!.lines.map((l) => l.text)).toEqual(['one', 'two', 'three'])
    expect(p.state().connection).toBe('open')
  })

  test('keeps words over a new page, and two pages say them once', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    desk.away = true
    desk.cut()
    p.chat.send('two')
    await settle(100)
    p.chat.close()
    desk.away = false
    const a = page()
    const b = page()
    await Promise.all([a.chat.resume(), b.chat.resume()])
    await settle(120_000)
    expect([...desk.visitors.values()][0]!.lines.map((l) => l.text)).toEqual(['one', 'two'])
    expect(words(a.state())).toBe('one two')
    expect(words(b.state())).toBe('one two')
    expect(kept.getItem('kintsugi.chat.inb_1')).toContain('"queue":[]')
  })

  test('shows what was said meanwhile', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    desk.away = true
    desk.cut()
    await settle(1)
    expect(p.state().connection).toBe('waiting')
    desk.away = false
    desk.say(token(), 'two')
    await settle(60_000)
    expect(words(p.state())).toBe('one two')
  })

  test('waits as long as the desk asks for', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    desk.refuse.push([429, 'error.tooMany', '20'])
    const before = desk.calls.length
    p.chat.send('two')
    await settle(15_000)
    expect(desk.calls.slice(before).filter((c) => c === 'POST messages')).toHaveLength(1)
    expect(words(p.state())).toBe('one (two)')
    await settle(10_000)
    expect(words(p.state())).toBe('one two')
  })
})

describe('a refusal', () => {
  test('is told in words, does not hold up the next, and can be tried again', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    desk.refuse.push([422, 'error.chat.long'])
    const id = p.chat.send('two')
    p.chat.send('three')
    await settle()
    expect(words(p.state())).toBe('one three (two)')
    expect(p.state().pending[0]!.problem).toBe('in words: error.chat.long')
    p.chat.retry(id)
    await settle()
    expect(words(p.state())).toBe('one three two')
    desk.refuse.push([422, 'error.chat.long'])
    p.chat.discard(p.chat.send('four'))
    await settle()
    expect(words(p.state())).not.toContain('(four)')
  })

  test('of the whole site ends the trying', async () => {
    desk.refuse.push([403, 'error.chat.origin'])
    const p = page()
    p.chat.send('one')
    await settle(100_000)
    expect(p.state().pending[0]!.problem).toContain('error.chat.origin')
    expect(desk.calls).toEqual(['POST session'])
  })
})

describe('a session', () => {
  test('that ended elsewhere begins anew with the next words', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    desk.visitors.clear()
    desk.cut(4401)
    await settle()
    expect(p.state().messages).toEqual([])
    p.chat.send('two')
    await settle()
    expect(words(p.state())).toBe('two')
    expect(desk.visitors.size).toBe(1)
  })

  test('waits for a mail address where one is asked for', async () => {
    desk.needsEmail = true
    const p = page()
    p.chat.send('one')
    await settle(1000)
    expect(p.state().visitor?.needsEmail).toBe(true)
    expect(words(p.state())).toBe('(one)')
    await p.chat.introduce({ email: 'mei@customer.example' })
    await settle()
    expect(words(p.state())).toBe('one')
  })

  test('that is left is forgotten here and there', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    await p.chat.leave()
    expect(kept.length).toBe(0)
    expect(desk.visitors.size).toBe(0)
    expect(p.state()).toMatchObject({ connection: 'idle', messages: [], visitor: null })
  })
})

describe('files', () => {
  test('go before their message, once, however often it is tried', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    desk.lose = 1
    p.chat.send('', [new File(['x'], 'a.txt'), new File(['y'], 'b.txt')])
    await settle(60_000)
    expect(desk.calls.filter((c) => c === 'POST files')).toHaveLength(2)
    expect(p.state().messages.at(-1)!.files).toHaveLength(2)
    expect(p.state().pending).toEqual([])
  })
})

describe('typing', () => {
  test('is told now and then, and its end', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    const s = [...desk.sockets][0]!
    for (let i = 0; i < 20; i++) {
      p.chat.typing(true)
      await settle(200)
    }
    await settle(10_000)
    const told = s.heard.filter((t) => t.includes('typing'))
    expect(told).toHaveLength(3)
    expect(told.at(-1)).toContain('false')
    s.say({ type: 'typing', on: true })
    await settle()
    expect(p.state().typing).toBe(true)
    desk.say(token(), 'two')
    await settle()
    expect(p.state().typing).toBe(false)
  })

  test('a dead line is noticed by silence', async () => {
    const p = page()
    p.chat.send('one')
    await settle()
    const s = [...desk.sockets][0]!
    s.send = () => undefined
    desk.away = true
    await settle(45_000)
    expect(p.state().connection).not.toBe('open')
    desk.away = false
    await settle(60_000)
    expect(p.state().connection).toBe('open')
  })
})
