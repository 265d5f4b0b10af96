// How figures are written. Fewer than ten make no rate; fewer than thirty are "few".
import { locale } from '$lib/i18n/i18n.svelte'

export const rateFrom = 10
export const fewBelow = 30

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 }).format(value)
}

/** A linear scale from data to picture. */
export const scale = (from: number, to: number, start: number, end: number) => (v: number): number => (to === from ? start : start + ((v - from) / (to - from)) * (end - start))

/** The figures behind which rows can be read. */
export type NumberName = 'csat' | 'repeated' | 'first-response' | 'resolution' | 'cases-open' | 'cases-overdue' | 'cases-opened' | 'cases-closed' | 'recovery' | 'conservative' | 'time-to-close' | 'causes' | 'promises'
export const numberNames: readonly NumberName[] = ['csat', 'repeated', 'first-response', 'resolution', 'cases-open', 'cases-overdue', 'cases-opened', 'cases-closed', 'recovery', 'conservative', 'time-to-close', 'causes', 'promises']
