// The times that snoozing offers. Pure: the reader's zone and the moment come in.
import { dayKey, instant } from '$lib/time.svelte'

export interface SnoozeChoice {
  key: 'hours' | 'evening' | 'tomorrow' | 'monday' | 'week'
  at: Date
}

const hour = 3600_000
const day = 24 * hour

/** Choices from now on; those that have passed today are left out. */
export function snoozeChoices(now: number, timeZone: string | undefined): SnoozeChoice[] {
  const on = (ms: number, time: string) => instant({ date: dayKey(ms, timeZone), time }, timeZone)
  const weekday = new Date(`${dayKey(now, timeZone)}T00:00:00Z`).getUTCDay()
  const toMonday = ((8 - weekday) % 7 || 7) * day
  const choices: SnoozeChoice[] = [
    { key: 'hours', at: new Date(Math.ceil((now + 3 * hour) / (15 * 60_000)) * 15 * 60_000) },
    { key: 'evening', at: on(now, '18:00') },
    { key: 'tomorrow', at: on(now + day, '09:00') },
    { key: 'monday', at: on(now + toMonday, '09:00') },
    { key: 'week', at: on(now + 7 * day, '09:00') },
  ]
  return choices.filter((c, i) => c.at.getTime() > now + hour / 2 && choices.findIndex((o) => o.at.getTime() === c.at.getTime()) === i)
}
