// Due times as people type them: a day and an hour in their own zone.
import { dayKey, instant, nowMs } from '$lib/time.svelte'

export interface Due {
  date: string
  time: string
}

const day = 24 * 3600_000

/** Tomorrow at five, the usual "by the end of tomorrow". */
export const tomorrow = (): Due => ({ date: dayKey(nowMs() + day), time: '17:00' })

/** The instant as the server takes it; what is no date is left for the server to refuse. */
export function dueOf(due: Due): string {
  const at = instant({ date: due.date, time: due.time || '17:00' })
  return Number.isNaN(at.getTime()) ? new Date(0).toISOString() : at.toISOString()
}
