import { describe, expect, test } from 'vitest'
import { minor, money } from './words'

describe('amounts', () => {
  test.each([
    ['1,000', 'JPY', 1000],
    ['１２００', 'JPY', 1200],
    ['12.50', 'EUR', 1250],
    ['', 'EUR', 0],
    ['a lot', 'EUR', undefined],
    ['-3', 'EUR', undefined],
  ])('%s %s', (typed, currency, want) => expect(minor(typed, currency)).toBe(want))

  test('written in the reader’s way', () => {
    expect(money(1000, 'JPY', 'en')).toBe('¥1,000')
    expect(money(1250, 'EUR', 'en')).toBe('€12.50')
    expect(money(0, 'EUR', 'en')).toBe('')
  })
})
