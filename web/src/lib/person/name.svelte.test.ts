import { beforeAll, expect, test } from 'vitest'
import { speak } from '../i18n/i18n.svelte'
import { nameOf, personOf } from './name'

beforeAll(() => speak('ja'))

test.each([
  [{ name: '佐藤 花子', address: 'hanako@example.jp' }, '佐藤 花子'],
  [{ name: '', address: 'hanako@example.jp' }, 'hanako@example.jp'],
  [{ name: '', address: '+819012345678' }, '+819012345678'],
  [{ name: '', address: 'visitor-70433155f4772924' }, 'お名前未登録'],
  [{ name: 'v-6afacb0e062493669ffa9a4f6c2a6be6', address: 'v-6afacb0e062493669ffa9a4f6c2a6be6' }, 'お名前未登録'],
  [{ name: '', address: 'U0000000000000000000000000000a001' }, 'お名前未登録'],
  [{ name: '', address: '' }, 'お名前未登録'],
  [{ name: null }, 'お名前未登録'],
])('%j', (who, want) => expect(nameOf(who)).toBe(want))

test('an address that people read stands before an id that comes first', () => {
  const points = [{ address: 'v-6afacb0e062493669ffa9a4f6c2a6be6' }, { address: 'hanako@example.jp' }]
  expect(nameOf(personOf({ name: '', points }))).toBe('hanako@example.jp')
  expect(nameOf(personOf({ name: '', points: points.slice(0, 1) }))).toBe('お名前未登録')
})
