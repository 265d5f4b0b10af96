import { describe, expect, test } from 'vitest'
import type { Authority, Inbox } from '$lib/api/types'
import { currenciesOf, digits, money, put, rowsOf, ruling } from './authority'
import { inUnit, unitOf, unitMinutes } from './delay'
import { device } from './device'
import { healthOf, hintFor, vendorHintFor } from './health'
import { weekWords } from './hours'
import { groups, sectionOf, sections, visible } from './sections'

describe('sections', () => {
  test('every section stands in one group and an unknown name in none', () => {
    expect(groups.flatMap((g) => visible(g, () => true)).sort()).toEqual(Object.keys(sections).sort())
    expect(sectionOf(undefined)).toBe('profile')
    expect(sectionOf('ledger')).toBe('ledger')
    expect(sectionOf('toString')).toBeUndefined()
  })
  test('an agent sees neither the ledger nor the keys', () => {
    const seen = groups.flatMap((g) => visible(g, (p) => p === 'settings.read'))
    expect(seen).toContain('authority')
    expect(seen).not.toContain('ledger')
    expect(seen).not.toContain('jobs')
    expect(seen).not.toContain('keys')
  })
})

describe('business hours in one line', () => {
  const nine = [['09:00', '18:00']]
  test('days alike stand together', () => {
    const week = { mon: nine, tue: nine, wed: nine, thu: nine, fri: nine, sat: [['10:00', '12:00'], ['13:00', '15:00']] }
    expect(weekWords({ week }, 'en')).toBe('Mon–Fri 09:00–18:00, Sat 10:00–12:00 and 13:00–15:00')
    expect(weekWords({ week }, 'ja')).toBe('月–金 09:00–18:00、土 10:00–12:00・13:00–15:00')
  })
  test('a closed day parts a run', () => expect(weekWords({ week: { mon: nine, wed: nine, thu: null } }, 'en')).toBe('Mon 09:00–18:00, Wed 09:00–18:00'))
  test('nothing is open', () => expect(weekWords({ week: {} }, 'en')).toBe(''))
})

test.each([
  [0, 'minutes'],
  [90, 'minutes'],
  [120, 'hours'],
  [1440, 'days'],
  [1500, 'hours'],
] as const)('%i minutes are said in %s and come back', (minutes, unit) => {
  expect(unitOf(minutes)).toBe(unit)
  expect(inUnit(minutes, unit) * unitMinutes[unit]).toBe(minutes)
})

test.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0', 'Edge', 'Windows'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1', 'Safari', 'iPhone'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox', 'Linux'],
  ['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36', 'Chrome', 'Android'],
  ['something', undefined, undefined],
])('%s', (agent, browser, system) => expect(device(agent)).toEqual({ browser, system }))

test.each([
  ['imap: LOGIN: NO [AUTHENTICATIONFAILED] Invalid credentials', 'auth'],
  ['dial tcp: lookup imap.exmaple.com: no such host', 'name'],
  ['tls: failed to verify certificate: x509: certificate has expired', 'tls'],
  ['dial tcp 192.0.2.1:993: i/o timeout', 'reach'],
  ['dial tcp 192.0.2.1:993: connect: connection refused', 'reach'],
  ['452 4.5.3 too many recipients', 'limit'],
  ['NO Mailbox does not exist', 'folder'],
  ['BAD', 'other'],
])('%s → %s', (error, hint) => expect(hintFor(error)).toBe(hint))

test.each([
  ['settings: LINE: Authentication failed due to the following reason: invalid token.', 'token'],
  ['settings: (190) Error validating access token: Session has expired', 'token'],
  ['not verified: X-Line-Signature does not fit the channel secret', 'secret'],
  ['not verified: Webhook-Timestamp is more than five minutes away', 'clock'],
  ['asked to wait 1m0s: 429 Too Many Requests', 'limit'],
  ['Post "https://api.line.me": dial tcp: i/o timeout', 'vendor'],
  ['what nobody has heard of', 'other'],
])('a vendor’s %s → %s', (error, hint) => expect(vendorHintFor(error)).toBe(hint))

test('an inbox that is switched off is not ill', () => {
  const health = { state: 'failing', lastError: 'x', lastErrorAt: null, lastSuccessAt: null, troubles: [{ sort: 'skewed' }] }
  expect(healthOf({ active: false, health } as Inbox)).toBe('off')
  expect(healthOf({ active: true, health } as Inbox)).toBe('failing')
  expect(healthOf({ active: true, health: { ...health, state: 'ok' } } as Inbox)).toBe('noted')
  expect(healthOf({ active: true, health: { ...health, state: 'ok', troubles: [] as unknown[] } } as Inbox)).toBe('ok')
})

describe('authority', () => {
  const lines: Authority[] = [
    { role: 'agent', type: 'exchange', currency: '', limit: 0, periodLimit: 0 },
    { role: 'agent', type: 'refund', currency: 'JPY', limit: 3000, periodLimit: 30000 },
    { role: 'administrator', type: 'refund', currency: '', limit: -1, periodLimit: -1 },
  ]
  test('a currency of its own goes before the rule for others', () => {
    expect(ruling(lines, 'agent', 'refund', 'JPY')).toEqual({ line: lines[1], inherited: false })
    expect(ruling(lines, 'administrator', 'refund', 'JPY')).toEqual({ line: lines[2], inherited: true })
    expect(ruling(lines, 'manager', 'refund', 'JPY').line).toBeUndefined()
  })
  test('an apology has no amount, the others a row for each currency', () => {
    expect(currenciesOf(lines)).toEqual(['JPY'])
    expect(rowsOf(lines).map((r) => r.id)).toEqual(['apology ', 'refund ', 'refund JPY', 'exchange ', 'exchange JPY', 'redo ', 'redo JPY', 'credit ', 'credit JPY'])
  })
  test('one place changes and the others stay', () => {
    const at = { role: 'agent', type: 'refund', currency: 'JPY' } as const
    expect(put(lines, at, { limit: 5000, periodLimit: -1 })).toEqual([lines[0], lines[2], { ...at, limit: 5000, periodLimit: -1 }])
    expect(put(lines, at)).toEqual([lines[0], lines[2]])
  })
  test('minor units become money', () => {
    expect([digits('JPY'), digits('USD'), digits('nonsense')]).toEqual([0, 2, 0])
    expect(money(3000, 'JPY', 'en')).toBe('¥3,000')
    expect(money(3000, 'USD', 'en')).toBe('$30')
    expect(money(3050, 'USD', 'en')).toBe('$30.50')
  })
})
