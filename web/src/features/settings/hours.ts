// A week of business hours in one line: "Mon–Fri 09:00–18:00, Sat 10:00–15:00".
import type { Hours } from '$lib/api/types'

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** Days with the same spans stand together. Empty when every day is closed. */
export function weekWords(hours: Hours, locale: string): string {
  // 2024-01-01 was a Monday.
  const name = (i: number) => new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + i))
  const spans = days.map((d) => (hours.week[d] ?? []).flatMap((s) => (s ? [`${s[0]}–${s[1]}`] : [])).join(locale === 'ja' ? '・' : ' and '))
  const runs: { from: number; to: number; text: string }[] = []
  for (const [i, text] of spans.entries()) {
    if (!text) continue
    const last = runs.at(-1)
    if (last && last.to === i - 1 && last.text === text) last.to = i
    else runs.push({ from: i, to: i, text })
  }
  return runs.map((r) => `${r.from === r.to ? name(r.from) : `${name(r.from)}–${name(r.to)}`} ${r.text}`).join(locale === 'ja' ? '、' : ', ')
}
