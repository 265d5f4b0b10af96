// What fits through a channel. Pure: tested without a page. The server decides.
import type { Channel, Conversation, Customer, Inbox, Message, MessageWrite } from '$lib/api/types'

type Can = Channel['can']

/** How long a text is as the channel counts it. */
export function count(can: Can, text: string): number {
  if (can.unit === 'utf16') return text.length
  if (can.unit === 'bytes') return new TextEncoder().encode(text).length
  return [...text].length
}

/** How long a text may be altogether; 0: as long as it likes. */
export const room = (can: Can): number => can.text * Math.max(can.parts, 1)

/** How many messages a text arrives as. */
export const parts = (can: Can, text: string): number => (can.text > 0 ? Math.max(1, Math.ceil(count(can, text) / can.text)) : 1)

const is = (pattern: string, type: string) => (pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type)

/** Whether a file can be sent. */
export function takes(can: Can, file: { type: string; size: number }): boolean {
  if (can.noMedia) return false
  if (can.media.length === 0) return true
  return can.media.some((m) => (m.types.length === 0 || m.types.some((p) => is(p, file.type))) && (m.max === 0 || file.size <= m.max))
}

/** Until when the channel takes an answer; undefined where it has no such limit. */
export function windowEnd(can: Can, messages: Message[]): Date | undefined {
  if (can.window === 0) return undefined
  const last = messages.findLast((m) => m.kind === 'incoming' && m.event?.name !== 'record')
  return last ? new Date(new Date(last.at).getTime() + can.window * 1000) : new Date(0)
}

/** The inboxes through which a customer can be written to; the present one first. */
export function waysTo(c: Pick<Conversation, 'inboxId' | 'brandId'>, points: Customer['points'], inboxes: Inbox[], channelOf: (kind: string) => Pick<Channel, 'point' | 'numbers'> | undefined): Inbox[] {
  const reaches = (b: Inbox) => b.active && b.sends && b.brandId === c.brandId && points.some((p) => !p.endedAt && (p.kind === (channelOf(b.kind)?.point ?? b.kind) || (p.kind === 'phone' && channelOf(b.kind)?.numbers)))
  return inboxes.filter((b) => b.id === c.inboxId || reaches(b)).toSorted((a, b) => Number(b.id === c.inboxId) - Number(a.id === c.inboxId))
}

/** Whether it is now none of the hours in which a customer likes to be reached. */
export function outside(who: Pick<Customer, 'hoursFrom' | 'hoursTo'>, timeZone: string | undefined, now: number): boolean {
  const { hoursFrom: from, hoursTo: to } = who
  if (!from) return false
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(now)
  return from < to ? clock < from || clock >= to : clock < from && clock >= to
}

/** What the customer will read of a template; a value that is missing shows its name. */
export function filledTemplate(x: TemplateText, values: Record<string, string>, nameOf = (v: string) => v): string {
  const filled = (s: string) => x.variables.reduce((text, v) => text.replaceAll(`{{${v}}}`, () => values[v]?.trim() || `［${nameOf(v)}］`), s)
  return [x.header, x.body, x.footer, ...x.buttons.map((b) => `${b.text}: ${b.url}`)].map((s) => filled(s).trim()).filter(Boolean).join('\n\n')
}

export interface TemplateText {
  header: string
  body: string
  footer: string
  buttons: { text: string; url: string }[]
  variables: string[]
}

/** Where a variable of a template stands: the vendor's name of it, or the words of its button. */
export function placeOf(x: TemplateText, variable: string): { at: 'header' | 'body' | 'button'; name: string } {
  if (variable.startsWith('header:')) return { at: 'header', name: variable.slice('header:'.length) }
  const button = x.buttons.find((b) => b.url.includes(`{{${variable}}}`))
  return button ? { at: 'button', name: button.text } : { at: 'body', name: variable }
}

/** How long a quick reply may be, in characters: the server's own limit. */
export const choiceLength = 20

export type TemplateUse = NonNullable<MessageWrite['template']>

/** A template with what was filled in, as it is sent. */
export const useOf = (x: { name: string; language: string; variables: string[] }, values: Record<string, string>): TemplateUse => ({ name: x.name, language: x.language, values: x.variables.map((v) => values[v] ?? '') })

/** The inboxes through which somebody who has not written can be written to. */
export const waysToStart = (inboxes: Inbox[], channelOf: (kind: string) => Channel | undefined): Inbox[] => inboxes.filter((b) => b.active !== false && b.sends !== false && (b.kind === 'email' || channelOf(b.kind)?.starts))
