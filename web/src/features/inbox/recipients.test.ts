import { describe, expect, test } from 'vitest'
import type { Message } from '$lib/api/types'
import { answered, answerTo } from './recipients'

const a = (address: string, name = '') => ({ name, address })
const own = ['Support@example.jp']
const incoming = { kind: 'incoming', from: a('c@x.example', 'C'), to: [a('support@example.jp'), a('boss@x.example')], cc: [a('C@x.example'), a('k@x.example'), a('boss@x.example')] } as Message
const outgoing = { kind: 'outgoing', from: a('support@example.jp'), to: [a('c@x.example')], cc: [a('k@x.example')] } as Message

describe('answerTo', () => {
  test('reply goes to the writer alone', () => expect(answerTo(incoming, own, false)).toEqual({ to: [a('c@x.example', 'C')], cc: [] }))
  test('reply to all leaves out ourselves, the writer and doubles', () => expect(answerTo(incoming, own, true).cc.map((x) => x.address)).toEqual(['boss@x.example', 'k@x.example']))
  test('an answer goes where the writer wants it', () => expect(answerTo({ ...incoming, replyTo: [a('desk@x.example')] } as Message, own, false).to).toEqual([a('desk@x.example')]))
  test('after our own message: to the same people', () => {
    expect(answerTo(outgoing, own, false).to.map((x) => x.address)).toEqual(['c@x.example'])
    expect(answerTo(outgoing, own, true).cc.map((x) => x.address)).toEqual(['k@x.example'])
  })
  test('mail from ourselves reaches nobody by accident', () => expect(answerTo({ ...incoming, from: a('SUPPORT@example.jp') } as Message, own, false).to).toEqual([]))
})

test('answered prefers the customer', () => {
  expect(answered([incoming, outgoing])).toBe(incoming)
  expect(answered([outgoing])).toBe(outgoing)
  expect(answered([])).toBeUndefined()
})
