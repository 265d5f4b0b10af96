import { describe, expect, test } from 'vitest'
import type { Channel, Customer, Inbox, Message } from '$lib/api/types'
import { count, parts, room, filledTemplate, placeOf, takes, waysTo, windowEnd } from './fit'

const can = (more: Partial<Channel['can']> = {}): Channel['can'] => ({ text: 0, unit: '', parts: 0, media: [], noMedia: false, files: 0, plain: true, oneToOne: true, window: 0, templates: false, receipts: false, typing: false, choices: 0, public: false, cost: '', ...more })

describe('what fits', () => {
  test.each([
    ['', '𠮷野家', 3],
    ['utf16', '𠮷野家', 4],
    ['bytes', '𠮷野家', 10],
  ] as const)('counted in "%s"', (unit, text, n) => expect(count(can({ unit }), text)).toBe(n))
  test('room is that of all parts', () => {
    expect(room(can({ text: 5000, parts: 5 }))).toBe(25000)
    expect(room(can())).toBe(0)
    expect(parts(can({ text: 10 }), 'x'.repeat(11))).toBe(2)
  })
  test('files by kind and size', () => {
    const c = can({ media: [{ name: 'image', types: ['image/*'], max: 100 }, { name: 'document', types: ['application/pdf'], max: 0 }] })
    expect(takes(c, { type: 'image/png', size: 100 })).toBe(true)
    expect(takes(c, { type: 'image/png', size: 101 })).toBe(false)
    expect(takes(c, { type: 'application/pdf', size: 1e9 })).toBe(true)
    expect(takes(c, { type: 'text/plain', size: 1 })).toBe(false)
    expect(takes(can({ noMedia: true }), { type: 'image/png', size: 1 })).toBe(false)
    expect(takes(can(), { type: '', size: 1 })).toBe(true)
  })
  test('the time for answers counts from the last word of the customer', () => {
    const messages = [{ kind: 'incoming', at: '2026-11-01T00:00:00Z' }, { kind: 'outgoing', at: '2026-11-01T05:00:00Z' }] as Message[]
    expect(windowEnd(can({ window: 86_400 }), messages)?.toISOString()).toBe('2026-11-02T00:00:00.000Z')
    expect(windowEnd(can(), messages)).toBeUndefined()
    expect(windowEnd(can({ window: 1 }), [])?.getTime()).toBe(0)
  })
  test('header and button show their values, and where those stand that are missing', () => {
    const x = { header: 'Order {{header:1}}', body: 'Dear {{1}}', footer: '', buttons: [{ text: 'Track', url: 'https://x.example/{{button:1}}' }], variables: ['header:1', '1', 'button:1'] }
    expect(filledTemplate(x, { 'header:1': '12', 1: 'Hana' }, (v) => placeOf(x, v).name)).toBe('Order 12\n\nDear Hana\n\nTrack: https://x.example/［Track］')
    expect(x.variables.map((v) => placeOf(x, v).at)).toEqual(['header', 'body', 'button'])
  })
  test('a template shows its values, and the names of those that are missing', () => {
    expect(filledTemplate({ header: 'News', body: '{{1}}, your order {{2}} left.', footer: '', buttons: [], variables: ['1', '2'] }, { 1: 'Hana $& {{2}}' })).toBe('News\n\nHana $& ［2］, your order ［2］ left.')
  })
  test('ways to a customer are the inboxes of the brand that reach them', () => {
    const box = (id: string, kind: string, more: Partial<Inbox> = {}) => ({ id, kind, brandId: 'b', active: true, sends: true, ...more }) as Inbox
    const boxes = [box('mail', 'email'), box('chat', 'line'), box('sms', 'sms'), box('other', 'email', { brandId: 'x' }), box('off', 'email', { active: false }), box('mute', 'email', { sends: false })]
    const points = [{ kind: 'email', endedAt: null }, { kind: 'line', endedAt: null }, { kind: 'phone', endedAt: '2026-01-01T00:00:00Z' }] as Customer['points']
    const ids = waysTo({ inboxId: 'chat', brandId: 'b' }, points, boxes, (kind) => ({ point: kind === 'sms' ? 'phone' : kind, numbers: kind === 'hook' })).map((b) => b.id)
    expect(ids).toEqual(['chat', 'mail'])
    const caller = [{ kind: 'phone', endedAt: null }] as Customer['points']
    expect(waysTo({ inboxId: 'voice', brandId: 'b' }, caller, [box('voice', 'voice'), box('door', 'hook'), box('chat', 'line')], (kind) => ({ point: kind === 'voice' ? 'phone' : kind, numbers: kind === 'hook' })).map((b) => b.id)).toEqual(['voice', 'door'])
  })
})
