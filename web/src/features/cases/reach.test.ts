import { expect, test } from 'vitest'
import type { Channel, Customer, Inbox, Message } from '$lib/api/types'
import { obstacle } from './reach'

const now = Date.parse('2026-11-02T12:00:00Z')
const mail = { kind: 'email', sends: true } as Inbox
const line = { kind: 'whatsapp', sends: true } as Inbox
const channel = { can: { window: 86_400 } } as Channel
const point = (kind: string, endedAt?: string) => ({ kind, endedAt, address: 'x' }) as unknown as Customer['points'][number]
const wrote = (address: string, at = '2026-11-02T11:00:00Z', name?: string) => ({ kind: 'incoming', at, from: { name: '', address }, to: [], cc: [], replyTo: [], event: name ? { name } : undefined }) as unknown as Message
const road = { box: mail, channel: undefined as Channel | undefined, points: [] as Customer['points'], messages: [] as Message[], own: ['help@hana.example'], now, demo: false }

test.each([
  ['a mail address is known', { points: [point('email')] }, undefined],
  ['the letter before has one', { messages: [wrote('a@b.example')] }, undefined],
  ['only our own', { messages: [wrote('help@hana.example')] }, 'address'],
  ['a caller without a mail address', { points: [point('phone')], messages: [wrote('+81312345678', undefined, 'record')] }, 'address'],
  ['an address that is theirs no more', { points: [point('email', '2026-01-01')] }, 'address'],
  ['an inbox that only takes', { box: { ...mail, sends: false }, points: [point('email')] }, 'silent'],
  ['the demonstration delivers', { box: { ...mail, sends: false }, points: [point('email')], demo: true }, undefined],
  ['within the hours of a channel', { box: line, channel, messages: [wrote('81', '2026-11-01T13:00:00Z')] }, undefined],
  ['after them', { box: line, channel, messages: [wrote('81', '2026-11-01T11:00:00Z')] }, 'window'],
  ['an account without such hours', { box: { ...line, window: 0 } as Inbox, channel, messages: [wrote('81', '2026-11-01T11:00:00Z')] }, undefined],
])('%s', (_, given, want) => expect(obstacle({ ...road, ...given })).toBe(want))
