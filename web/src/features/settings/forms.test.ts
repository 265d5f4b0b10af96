import { expect, test } from 'vitest'
import { choicesOf, drafted, embedCode, finished, freeName, moved } from './forms'

test('choices are pairs of lines', () => {
  expect(choicesOf({ ja: '配送\n品質\n', en: 'Delivery' })).toEqual([{ ja: '配送', en: 'Delivery' }, { ja: '品質', en: '' }])
  const fields = [{ name: 'f1', type: 'choice' as const, label: { ja: '', en: 'Kind' }, required: true, choices: [{ ja: '', en: 'a' }, { ja: 'い', en: 'b' }] }]
  expect(finished(drafted(fields))).toEqual(fields)
})

test('a field of another type has no choices', () => {
  expect(finished([{ name: 'f1', type: 'text', label: { ja: '', en: 'x' }, required: false, choices: { ja: '', en: 'a\nb' } }])[0]!.choices).toEqual([])
})

test('moving stays within the list', () => {
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c'])
  expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b'])
})

test('names are not used twice', () => {
  expect(freeName([{ name: 'f1' }, { name: 'f3' }])).toBe('f2')
})

test('the lines to embed a form cannot be broken out of', () => {
  expect(embedCode('https://desk.example/c/a', '"><script>')).not.toContain('<script>')
})
