import { expect, test } from 'vitest'
import type { Conversation } from '$lib/api/types'
import { rowWords } from './words'

const row = (preview: string, state?: string, more: Record<string, string> = {}) => ({ preview, lastMessageAt: '2026-04-15T05:02:00Z', last: state ? { name: 'call', data: { state, ...more } } : null }) as unknown as Conversation

test('a row says what came where nothing was said', () => {
  expect(rowWords(row('Hello', 'missed'))).toBe('Hello')
  expect(rowWords(row(''))).toBe('')
  expect(rowWords(row('', 'missed'))).toMatch(/^Missed call · .*\d\d:02/)
  expect(rowWords(row('', 'callback', { at: '13:30' }))).toBe('Asked to be called back: 13:30')
  expect(rowWords(row('', 'callback', { wish: 'soon' }))).toBe('Asked to be called back: as soon as possible')
  expect(rowWords({ ...row(''), last: { name: 'sticker', data: {} } })).toBe('Sticker')
})
