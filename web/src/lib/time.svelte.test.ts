import { expect, test } from 'vitest'
import { speak } from './i18n/i18n.svelte'
import { dayKey, instant, moment, nowMs, since, span } from './time.svelte'

test.each([
  ['Asia/Tokyo', '2026-11-03', '09:00', '2026-11-03T00:00:00.000Z'],
  ['America/New_York', '2026-11-01', '09:00', '2026-11-01T14:00:00.000Z'],
  ['America/New_York', '2026-10-31', '09:00', '2026-10-31T13:00:00.000Z'],
  ['Europe/London', '2026-03-29', '02:30', '2026-03-29T01:30:00.000Z'],
  ['UTC', '2026-01-01', '00:00', '2026-01-01T00:00:00.000Z'],
])('instant in %s on %s %s', (zone, date, time, want) => expect(instant({ date, time }, zone).toISOString()).toBe(want))

test.each([
  ['Asia/Tokyo', '2026-11-02T15:00:00Z', '2026-11-03'],
  ['Asia/Tokyo', '2026-11-02T14:59:59Z', '2026-11-02'],
  ['America/New_York', '2026-11-02T03:00:00Z', '2026-11-01'],
])('day in %s at %s', (zone, at, want) => expect(dayKey(Date.parse(at), zone)).toBe(want))

test('span has two units at most', async () => {
  expect([40, 90, 3600, 3660, 90_000, 86_400 * 2 + 59].map(span)).toEqual(['40 sec', '1 min 30 sec', '1 hr', '1 hr 1 min', '1 day 1 hr', '2 days'])
  await speak('ja')
  expect(span(3_660)).toBe('1 時間 1 分')
  await speak('en')
})

test('how long somebody waits, and since when', async () => {
  const ago = (minutes: number) => new Date(nowMs() - minutes * 60_000).toISOString()
  expect(since(ago(3 * 24 * 60 + 5))).toMatch(/^for 3 days, since \d{1,2} \w{3,4}( \d{4})?$/)
  expect(since(ago(0))).toMatch(/^for 1 minute, since \d\d:\d\d$/)
  await speak('ja')
  expect(since(ago(3 * 24 * 60 + 5))).toMatch(/^3 日経過（(\d{4}年|\d{4}\/)?\d{1,2}[月/]\d{1,2}日?から）$/)
  await speak('en')
})

test('a moment says its day unless it is today', () => {
  expect(moment(nowMs())).toMatch(/^\d\d:\d\d$/)
  expect(moment(nowMs() + 26 * 3600_000)).toMatch(/\w+.*, \d\d:\d\d$/)
})
