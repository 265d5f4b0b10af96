import { expect, test } from 'vitest'
import { fitting, linesOf } from './paper'

test('a short story stands whole', () => {
  expect(fitting([])).toEqual({ head: 0, tail: 0 })
  expect(fitting([3, 3, 3])).toEqual({ head: 3, tail: 0 })
  expect(fitting(Array.from({ length: 40 }, () => 3))).toEqual({ head: 6, tail: 34 })
})
test('of a long one the beginning and the end', () => {
  const { head, tail } = fitting(Array.from({ length: 200 }, () => 6.5))
  expect(head).toBe(6)
  expect((head + tail) * 6.5).toBeLessThanOrEqual(150)
  expect((head + tail + 1) * 6.5).toBeGreaterThan(150)
})
test('lines of Japanese and of English', () => {
  expect(linesOf('あ'.repeat(33), 10)).toBe(3.5)
  expect(linesOf('a'.repeat(33), 10)).toBe(2.5)
  expect(linesOf('a\n\nb', 10)).toBe(4.5)
  expect(linesOf('a\n'.repeat(90), 5)).toBe(6.5)
})
