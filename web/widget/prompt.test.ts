import { expect, test } from 'vitest'
import { holds, onPage, type Sight } from './prompt'

const sight = (more: Partial<Sight> = {}): Sight => ({ url: 'https://shop.example/cart?step=2', seconds: 30, pages: 2, scroll: 40, returning: false, now: 1_700_000_000_000, shown: {}, ...more })

test('a pattern is a part of the address, with * for anything', () => {
  for (const [pattern, on] of Object.entries({ '': true, '/cart': true, 'shop.example/*step': true, '*/cart*2': true, '/order': false, 'step*cart': false, '**': true })) {
    expect([pattern, onPage(pattern, sight().url)]).toEqual([pattern, on])
  }
  const long = `${'a'.repeat(2000)}b`
  const started = performance.now()
  expect(onPage('a*'.repeat(150) + 'c', long)).toBe(false)
  expect(performance.now() - started).toBeLessThan(50)
})

test('a prompt comes when all that it names holds', () => {
  const i = { id: 'i1', text: 'Hello' }
  expect(holds(i, sight())).toBe(true)
  for (const more of [{ after: 31 }, { pages: 3 }, { scroll: 41 }, { returning: true }, { page: '/order' }]) expect([more, holds({ ...i, ...more }, sight())]).toEqual([more, false])
  expect(holds({ ...i, after: 30, pages: 2, scroll: 40, page: '/cart', returning: true }, sight({ returning: true }))).toBe(true)
})

test('it comes once, or again after its days', () => {
  const i = { id: 'i1', text: 'Hello' }
  const day = 86_400_000
  const shown = (ago: number) => sight({ shown: { i1: sight().now - ago } })
  expect([holds(i, shown(400 * day)), holds({ ...i, days: 7 }, shown(6 * day)), holds({ ...i, days: 7 }, shown(7 * day))]).toEqual([false, false, true])
})
