import { expect, test } from 'vitest'
import { duration, placeURL } from './thing'

test('a call is told in minutes and seconds', () => {
  expect(duration(7)).toBe('0:07')
  expect(duration(59.6)).toBe('1:00')
  expect(duration(3605)).toBe('60:05')
  for (const none of [0, -1, Number.NaN]) expect(duration(none)).toBe('')
})

test('a place needs coordinates of this world', () => {
  expect(placeURL({ latitude: '35.68', longitude: '139.76' })).toContain('mlat=35.68&mlon=139.76')
  for (const none of [{}, { latitude: '91', longitude: '0' }, { latitude: 'x', longitude: 'y' }]) expect(placeURL(none)).toBeUndefined()
})
