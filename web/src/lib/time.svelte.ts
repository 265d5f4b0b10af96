// Times for readers. The server speaks UTC; people see their own zone.
import { locale, t } from './i18n/i18n.svelte'
import { session } from './session.svelte'

class Now {
  /** Milliseconds; moves every 20 seconds, so relative times stay true. */
  ms = $state(Date.now())
}
const now = new Now()
setInterval(() => (now.ms = Date.now()), 20_000)

/** The present, reactive. */
export const nowMs = (): number => now.ms

const formats = new Map<string, Intl.DateTimeFormat>()
function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const timeZone = session.me?.timeZone || undefined
  const name = `${locale()} ${timeZone} ${JSON.stringify(options)}`
  let f = formats.get(name)
  if (!f) formats.set(name, (f = make(options, timeZone)))
  return f
}
function make(options: Intl.DateTimeFormatOptions, timeZone: string | undefined): Intl.DateTimeFormat {
  const tag = locale() === 'ja' ? 'ja-JP' : 'en-GB'
  try {
    return new Intl.DateTimeFormat(tag, { ...options, timeZone })
  } catch {
    return new Intl.DateTimeFormat(tag, options) // a zone this browser does not know
  }
}

/** "3 Nov 2026, 14:05" */
export const dateTime = (at: string | number): string => dates({ dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at))
/** "3 Nov 2026" */
export const date = (at: string | number): string => dates({ dateStyle: 'medium' }).format(new Date(at))
/** "Tue 3 Nov" */
export const dayOf = (at: string | number): string => dates({ weekday: 'short', month: 'short', day: 'numeric' }).format(new Date(at))
/** "3 Nov", "11/3": as short as an axis wants it */
export const dayMonth = (at: string | number): string => dates({ month: locale() === 'ja' ? 'numeric' : 'short', day: 'numeric' }).format(new Date(at))
/** "14:05" */
export const clock = (at: string | number): string => dates({ hour: '2-digit', minute: '2-digit' }).format(new Date(at))

/** A time near by: "14:05" today, "Tue 3 Nov, 14:05" on another day of this year, with its year otherwise. */
export function moment(at: string | number): string {
  const ms = new Date(at).getTime()
  if (dayKey(ms) === dayKey(now.ms)) return clock(ms)
  if (dayKey(ms).slice(0, 4) !== dayKey(now.ms).slice(0, 4)) return dateTime(ms)
  return dates({ weekday: 'short', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }).format(ms)
}

/** Short and relative under 24 hours ("5 min", "3 h"), then the day. Works for times ahead as well. */
export function when(at: string | number): string {
  const ms = new Date(at).getTime()
  const past = now.ms - ms
  const away = Math.abs(past)
  if (away < 45_000) return t('app.time.now')
  if (away < 24 * 3600_000) {
    const minutes = Math.max(1, Math.round(away / 60_000))
    const n = minutes < 60 ? minutes : Math.round(minutes / 60)
    const unit = minutes < 60 ? 'minute' : 'hour'
    return new Intl.RelativeTimeFormat(locale(), { style: 'narrow', numeric: 'always' }).format(past > 0 ? -n : n, unit)
  }
  const sameYear = dates({ year: 'numeric' }).format(ms) === dates({ year: 'numeric' }).format(now.ms)
  return dates(sameYear ? { month: 'short', day: 'numeric' } : { year: 'numeric', month: 'short', day: 'numeric' }).format(ms)
}

/** For how long something has been so, and since when: "for 3 days, since 12 Nov", "for 20 minutes, since 14:05". */
export function since(at: string): string {
  const ms = new Date(at).getTime()
  const minutes = Math.max(1, Math.floor((now.ms - ms) / 60_000))
  const length = minutes < 60 ? t('app.time.minutes', { n: minutes }) : minutes < 24 * 60 ? t('app.time.hours', { n: Math.floor(minutes / 60) }) : t('app.time.days', { n: Math.floor(minutes / 60 / 24) })
  const sameYear = dayKey(ms).slice(0, 4) === dayKey(now.ms).slice(0, 4)
  const start = dayKey(ms) === dayKey(now.ms) ? clock(ms) : sameYear ? dates({ month: 'short', day: 'numeric' }).format(ms) : date(ms)
  return t('app.time.since', { start, length })
}

/** A length in words: "2 d 3 h", "3 h 5 min", "40 s". At most two units. */
export function span(seconds: number): string {
  const s = Math.round(Math.abs(seconds))
  const parts: [number, string][] = [
    [Math.floor(s / 86400), 'day'],
    [Math.floor((s % 86400) / 3600), 'hour'],
    [Math.floor((s % 3600) / 60), 'minute'],
    [s % 60, 'second'],
  ]
  const first = parts.findIndex(([n]) => n > 0)
  const shown = first < 0 ? [parts[3]!] : parts.slice(first, first + 2).filter(([n], i) => n > 0 && !(first < 2 && i > 0 && parts[first + i]![1] === 'second'))
  return shown.map(([n, unit]) => new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'short' }).format(n)).join(' ')
}

/** Time left until a due time, in words; negative when it has passed. */
export function left(dueAt: string): { late: boolean; text: string } {
  const ms = new Date(dueAt).getTime() - now.ms
  const late = ms < 0
  const text = span(Math.max(60, Math.abs(ms) / 1000))
  return { late, text: t(late ? 'app.time.late' : 'app.time.left', { span: text }) }
}

/** A local date and time in the reader's zone → the instant, for due times and snooze. */
export function instant(local: { date: string; time?: string }, timeZone = session.me?.timeZone || undefined): Date {
  const wall = Date.parse(`${local.date}T${local.time ?? '09:00'}:00Z`)
  let guess = wall
  for (let i = 0; i < 2; i++) guess = wall - offset(guess, timeZone)
  return new Date(guess)
}

/** The calendar day in the reader's zone as YYYY-MM-DD. */
export function dayKey(ms: number, timeZone = session.me?.timeZone || undefined): string {
  return new Date(ms + offset(ms, timeZone)).toISOString().slice(0, 10)
}

function offset(ms: number, timeZone: string | undefined): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(ms)
  const get = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0)
  return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second')) - Math.floor(ms / 1000) * 1000
}
