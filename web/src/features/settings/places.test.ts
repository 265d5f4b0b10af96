import { expect, test } from 'vitest'
import { countOf, labelsOf, sheetOf, share } from './places'

test('few answers are counts, none is nothing', () => {
  expect(share(0, 0)).toBe('–')
  expect(share(2, 3)).toBe('2 / 3')
  expect(share(9, 12)).toMatch(/75/)
})

test('a line is a label, and no line is so many stickers without', () => {
  expect(labelsOf(' 入口 \n\n2F レジ\n', 5)).toEqual(['入口', '2F レジ'])
  expect(labelsOf('  \n', 3)).toEqual(['', '', ''])
})

test('the address of a print', () => {
  expect(sheetOf('place_1', ['a', 'b'], { size: 'a4-24', start: 3, copies: 2, lang: 'ja', marks: true, outline: false })).toBe('/api/v1/places/place_1/sheet.pdf?size=a4-24&start=3&copies=2&lang=ja&stickers=a%2Cb&marks=true')
  expect(sheetOf('place_1', [], { size: 'a4-24', start: 1, copies: 1, lang: 'ja', marks: false, outline: false })).not.toContain('stickers')
  expect(countOf({ name: 'x', paper: 'A4', columns: 1, rows: 2, width: 1, height: 1, fold: true })).toBe(1)
})
