// Minutes as people say them: 90 minutes, 2 hours, 3 days.
export type Unit = 'minutes' | 'hours' | 'days'
export const unitMinutes: Record<Unit, number> = { minutes: 1, hours: 60, days: 1440 }

/** The largest unit that leaves a whole number. */
export function unitOf(minutes: number): Unit {
  if (minutes > 0 && minutes % 1440 === 0) return 'days'
  if (minutes > 0 && minutes % 60 === 0) return 'hours'
  return 'minutes'
}
export const inUnit = (minutes: number, unit: Unit): number => minutes / unitMinutes[unit]
