import { expect, test } from 'vitest'
import type { Message } from '$lib/api/types'
import { runs } from './runs'

const tag = (id: string, at: string, added = 'true', author = 'a') => ({ id, at, kind: 'event', author: { id: author }, event: { name: 'conversation.tagged', data: { tagName: id, added } } }) as unknown as Message
const said = (id: string, at: string) => ({ id, at, kind: 'incoming', author: { id: 'c' }, event: null }) as unknown as Message
const ids = (list: Message[]) => runs(list).map((r) => [r.m, ...r.along].map((m) => m.id).join('+'))

test('tags of one act are one entry', () => {
  const at = (s: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString()
  expect(ids([tag('x', at(0)), tag('y', at(1)), tag('z', at(2))])).toEqual(['x+y+z'])
  expect(ids([tag('x', at(0)), tag('y', at(1), 'false')])).toEqual(['x', 'y'])
  expect(ids([tag('x', at(0)), tag('y', at(1), 'true', 'b')])).toEqual(['x', 'y'])
  expect(ids([tag('x', at(0)), tag('y', at(60))])).toEqual(['x', 'y'])
  expect(ids([tag('x', at(0)), said('m', at(1)), tag('y', at(2))])).toEqual(['x', 'm', 'y'])
  expect(ids([said('m', at(0)), said('n', at(0))])).toEqual(['m', 'n'])
})
