// What cases are made of, in the order in which they are shown.
import type { CaseState, Outcome, RemedyType } from '$lib/api/types'

export const openStates = ['detected', 'reopened', 'acknowledged', 'assessed', 'owner_contacted', 'diagnosed', 'plan_agreed', 'remedy_delivered', 'followed_up', 'surveyed'] as const satisfies readonly CaseState[]
export const severities = [1, 2, 3, 4] as const
export const harms = [1, 2, 3, 5] as const
export const flags = ['firmResponsible', 'recurring', 'doubleDeviation', 'public', 'vulnerable', 'relationship', 'strongAnger'] as const
export const categories = ['product', 'delivery', 'system', 'process', 'people', 'communication', 'billing', 'policy', 'partner', 'other'] as const
export const loci = ['firm', 'partner', 'outside', 'customer'] as const
export const stabilities = ['once', 'recurring'] as const
export const remedyTypes = ['refund', 'exchange', 'redo', 'credit', 'apology'] as const satisfies readonly RemedyType[]
/** Outcomes that a person may give; "recovered" is the customer's to say. */
export const givenOutcomes = ['not_recovered', 'unreachable', 'declined', 'no_fault'] as const satisfies readonly Outcome[]
export const currencies = ['JPY', 'USD', 'EUR', 'GBP'] as const

/** Worst first: a tone for each severity, always together with its word. */
export const severityTone = { 1: 'bad', 2: 'warn', 3: 'info', 4: 'plain' } as const

/** How many digits of a currency are minor units: 0 for yen, 2 for euro. */
export function decimals(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    return 2 // not a currency this browser knows
  }
}

/** An amount of minor units in words; "" for none. */
export function money(amount: number, currency: string, locale: string): string {
  if (!amount || !currency) return ''
  const value = amount / 10 ** decimals(currency)
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(value)
  } catch {
    return `${currency} ${value}`
  }
}

/** What was typed as minor units; undefined when it is no amount. */
export function minor(typed: string, currency: string): number | undefined {
  const text = typed.normalize('NFKC').replace(/[\s,]/g, '')
  if (text === '') return 0
  if (!/^\d+(\.\d+)?$/.test(text)) return undefined
  return Math.round(Number(text) * 10 ** decimals(currency))
}
