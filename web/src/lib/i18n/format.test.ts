import { describe, expect, test } from 'vitest'
import { format } from './format'

describe('format', () => {
  test.each([
    ['plain words', undefined, 'plain words'],
    ['Hello {name}', { name: 'Ada' }, 'Hello Ada'],
    ['{n} rows', { n: 12345 }, '12,345 rows'],
    ['Hello {name}', {}, 'Hello {name}'],
    ['{n, plural, one {# case} other {# cases}}', { n: 1 }, '1 case'],
    ['{n, plural, one {# case} other {# cases}}', { n: 2000 }, '2,000 cases'],
    ['{n, plural, =0 {none} one {#} other {# of {all}}} left', { n: 0, all: 3 }, 'none left'],
    ['{n, plural, =0 {none} one {#} other {# of {all}}} left', { n: 2, all: 3 }, '2 of 3 left'],
  ])('%s', (message, params, want) => {
    expect(format(message, params as never, 'en')).toBe(want)
  })

  test('Japanese has one form', () => {
    expect(format('{n, plural, other {#件}}', { n: 1 }, 'ja')).toBe('1件')
  })
})
