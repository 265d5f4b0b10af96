import { describe, expect, test } from 'vitest'
import type { Conversation } from '$lib/api/types'
import { filterOf, type Filter } from './filter'
import { admit, mergeChanged, neighbour } from './merge'

const conv = (id: string, minute: number, more: Partial<Conversation> = {}): Conversation =>
  ({ id, status: 'open', priority: 'normal', assigneeId: null, inboxId: 'inbox_1', tags: [], waitingSince: null, lastMessageAt: `2026-11-01T10:${String(minute).padStart(2, '0')}:00Z`, ...more }) as Conversation

function world(list: Conversation[], filter: Partial<Filter> = {}) {
  const all = new Map(list.map((c) => [c.id, c]))
  return { filter: { ...filterOf('all', new URLSearchParams()), ...filter }, me: 'me', held: false, keep: null as string | null, get: (id: string) => all.get(id) }
}
const at = (a: Conversation, b: Conversation, c: Conversation) => ({ ids: [a.id, b.id, c.id], fresh: [] as string[] })

describe('mergeChanged', () => {
  const [a, b, c] = [conv('a', 30), conv('b', 20), conv('c', 10)]

  test('new mail goes to its place when nobody works in the list', () => {
    const n = conv('n', 40)
    expect(mergeChanged(at(a, b, c), [n], world([a, b, c, n]))).toEqual({ ids: ['n', 'a', 'b', 'c'], fresh: [] })
  })
  test('new mail waits behind the bar while the list is held, once', () => {
    const n = conv('n', 40)
    const s = { ...world([a, b, c, n]), held: true }
    const shown = mergeChanged(mergeChanged(at(a, b, c), [n], s), [n], s)
    expect(shown).toEqual({ ids: ['a', 'b', 'c'], fresh: ['n'] })
    expect(admit(shown, s)).toEqual({ ids: ['n', 'a', 'b', 'c'], fresh: [] })
  })
  test('what the reader takes back comes to its place, also while the list is held', () => {
    expect(mergeChanged({ ids: ['a', 'c'], fresh: [] }, [b], { ...world([a, b, c]), held: true, own: true })).toEqual({ ids: ['a', 'b', 'c'], fresh: [] })
  })
  test('what waits behind the bar and is then taken back by the reader is there once', () => {
    expect(mergeChanged({ ids: ['a', 'c'], fresh: ['b'] }, [b], { ...world([a, b, c]), held: true, own: true })).toEqual({ ids: ['a', 'b', 'c'], fresh: [] })
  })
  test('a held row does not move when it gets mail', () => {
    const c2 = conv('c', 50)
    expect(mergeChanged(at(a, b, c), [c2], { ...world([a, b, c2]), held: true }).ids).toEqual(['a', 'b', 'c'])
    expect(mergeChanged(at(a, b, c), [c2], world([a, b, c2])).ids).toEqual(['c', 'a', 'b'])
  })
  test('what no longer belongs leaves, but for the open conversation', () => {
    const gone = conv('b', 20, { status: 'resolved' })
    expect(mergeChanged(at(a, b, c), [gone], world([a, gone, c])).ids).toEqual(['a', 'c'])
    expect(mergeChanged(at(a, b, c), [gone], { ...world([a, gone, c]), keep: 'b' }).ids).toEqual(['a', 'b', 'c'])
  })
  test('taken by a colleague before the bar was pressed: it is not offered any more', () => {
    const taken = conv('n', 40, { assigneeId: 'other' })
    const s = { ...world([a, taken], { view: 'unassigned' }), held: true }
    expect(mergeChanged({ ids: ['a'], fresh: ['n'] }, [taken], s)).toEqual({ ids: ['a'], fresh: [] })
  })
  test.each([
    ['oldest', ['c', 'b', 'a', 'n']],
    ['newest', ['n', 'a', 'b', 'c']],
  ] as const)('order %s', (sort, want) => {
    const n = conv('n', 40)
    const start = sort === 'oldest' ? ['c', 'b', 'a'] : ['a', 'b', 'c']
    expect(mergeChanged({ ids: start, fresh: [] }, [n], world([a, b, c, n], { sort })).ids).toEqual(want)
  })
})

test('neighbour', () => {
  expect(neighbour(['a', 'b', 'c'], ['b'])).toBe('c')
  expect(neighbour(['a', 'b', 'c'], ['b', 'c'])).toBe('a')
  expect(neighbour(['a'], ['a'])).toBe(null)
  expect(neighbour(['a'], ['x'])).toBe(null)
})

test('filterOf takes only what it knows', () => {
  const f = filterOf('all', new URLSearchParams('status=nonsense&sort=waiting&priority=urgent'))
  expect(f).toMatchObject({ view: 'all', status: 'open', sort: 'waiting', priority: 'urgent' })
  expect(filterOf('all', new URLSearchParams())).toEqual({ view: 'all', status: 'open', inboxId: '', assigneeId: '', tagId: '', priority: '', sort: 'newest' })
  expect(filterOf('mentions', new URLSearchParams()).status).toBe('any')
})
