import { describe, expect, test } from 'vitest'
import { readAddress, splitAddresses } from './address'

describe('addresses as typed', () => {
  test.each([
    ['a@b.example', { name: '', address: 'a@b.example' }],
    ['  田中 由美 <y@b.example> ', { name: '田中 由美', address: 'y@b.example' }],
    ['"Doe, Jane" <j@b.example>', { name: 'Doe, Jane', address: 'j@b.example' }],
    ['ａ＠ｂ.example', { name: '', address: 'a@b.example' }],
    ['nobody', undefined],
    ['a@b', undefined],
    ['a b@c.example', undefined],
  ])('%s', (text, want) => expect(readAddress(text)).toEqual(want))
  test('lists', () => expect(splitAddresses('a@b.example, "Doe, Jane" <j@b.example>；c@d.example')).toEqual(['a@b.example', '"Doe, Jane" <j@b.example>', 'c@d.example']))
})
