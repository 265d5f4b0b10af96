import { expect, test } from 'vitest'
import { percent, scale } from './numbers'

test('a scale maps its ends and what lies between', () => {
  const y = scale(0, 1, 100, 0)
  expect([y(0), y(0.25), y(1)]).toEqual([100, 75, 0])
  expect(scale(3, 3, 10, 20)(3)).toBe(10)
})

test('nothing to divide by is no percentage', () => {
  expect(percent(null)).toBe('–')
  expect(percent(0.715)).toMatch(/^7[12]\s?%$/)
})
