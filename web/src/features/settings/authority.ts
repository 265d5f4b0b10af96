// Who may give how much: the server's lines as a table. A line without a
// currency covers remedies without an amount and currencies that have no line.
import type { Authority, RemedyType, Role } from '$lib/api/types'

export const roles: Role[] = ['agent', 'manager', 'administrator']
export const types: RemedyType[] = ['apology', 'refund', 'exchange', 'redo', 'credit']

/** No limit, as the server writes it. */
export const noLimit = -1

/** The line that decides, and whether it is the one for other currencies. */
export function ruling(lines: Authority[], role: Role, type: RemedyType, currency: string): { line?: Authority; inherited: boolean } {
  const of = lines.filter((l) => l.role === role && l.type === type)
  const own = of.find((l) => l.currency === currency)
  if (own) return { line: own, inherited: false }
  return { line: of.find((l) => l.currency === ''), inherited: true }
}

/** The table's rows: first without an amount, then one for each currency in use. */
export function rowsOf(lines: Authority[]): { id: string; type: RemedyType; currency: string }[] {
  const currencies = currenciesOf(lines)
  return types.flatMap((type) => (type === 'apology' ? [''] : ['', ...currencies]).map((currency) => ({ id: `${type} ${currency}`, type, currency })))
}

export const currenciesOf = (lines: Authority[]): string[] => [...new Set(lines.map((l) => l.currency))].filter(Boolean).sort()

/** The lines with one place changed; without a line the place is given up. */
export function put(lines: Authority[], at: { role: Role; type: RemedyType; currency: string }, limits?: { limit: number; periodLimit: number }): Authority[] {
  const rest = lines.filter((l) => !(l.role === at.role && l.type === at.type && l.currency === at.currency))
  return limits ? [...rest, { ...at, ...limits }] : rest
}

/** Digits after the point of a currency: 0 for yen, 2 for dollars. */
export function digits(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0
  } catch {
    return 0
  }
}
/** Minor units as money; the bare number without a currency. */
export function money(amount: number, currency: string, locale: string): string {
  if (!currency) return new Intl.NumberFormat(locale).format(amount)
  return new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: amount % 10 ** digits(currency) === 0 ? 0 : undefined }).format(amount / 10 ** digits(currency))
}
