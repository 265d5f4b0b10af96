import { expect, test } from 'vitest'
import { snoozeChoices } from './snooze'

const at = (iso: string) => Object.fromEntries(snoozeChoices(Date.parse(iso), 'Asia/Tokyo').map((c) => [c.key, c.at.toISOString()]))

test('on a Friday morning in Tokyo', () => {
  expect(at('2026-11-20T01:07:00Z')).toEqual({
    hours: '2026-11-20T04:15:00.000Z',
    evening: '2026-11-20T09:00:00.000Z',
    tomorrow: '2026-11-21T00:00:00.000Z',
    monday: '2026-11-23T00:00:00.000Z',
    week: '2026-11-27T00:00:00.000Z',
  })
})
test('late in the evening "this evening" is no choice', () => expect(at('2026-11-20T11:00:00Z').evening).toBeUndefined())
test('on a Sunday tomorrow is Monday: offered once', () => {
  const found = at('2026-11-22T01:00:00Z')
  expect(found.tomorrow).toBe('2026-11-23T00:00:00.000Z')
  expect(found.monday).toBeUndefined()
})
