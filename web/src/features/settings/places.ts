// What the pages of places reckon: figures as they are read, labels of a batch, the
// address of a print.
import type { Paper, Place, PlaceFunnel } from '$lib/api/types'
import { locale } from '$lib/i18n/i18n.svelte'

/** Below this many answers a rate says less than the counts do. */
export const rateFrom = 10

export const percent = (v: number | null | undefined): string => (v === null || v === undefined ? '–' : new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 }).format(v))

/** A part of a whole as a reader can take it: nothing of nothing, counts while there are few. */
export const share = (part: number, whole: number): string => (whole === 0 ? '–' : whole < rateFrom ? `${part} / ${whole}` : percent(part / whole))

export const csatOf = (f: PlaceFunnel): string => share(f.csat.numerator, f.csat.n)

export const nameOf = (p: Pick<Place, 'name'>): string => (p.name.ja && p.name.en ? `${p.name.ja} / ${p.name.en}` : p.name.ja || p.name.en)

/** The labels of a batch: a line each, or only a number of stickers without. */
export function labelsOf(text: string, count: number): string[] {
  const lines = text.split('\n').map((l) => l.trim()).filter(Boolean)
  return lines.length > 0 ? lines : Array.from({ length: count }, () => '')
}

export interface Print { size: string; start: number; copies: number; lang: 'ja' | 'en' | 'both'; marks: boolean; outline: boolean }

/** How many stickers one file holds at most; the server takes no more. */
export const mostPrinted = 1000

/** The address of a print; without stickers, of all that are in use. */
export function sheetOf(placeId: string, stickers: string[], p: Print): string {
  const q = new URLSearchParams({ size: p.size, start: String(p.start), copies: String(p.copies), lang: p.lang })
  if (stickers.length > 0) q.set('stickers', stickers.join(','))
  if (p.marks) q.set('marks', 'true')
  if (p.outline) q.set('outline', 'true')
  return `/api/v1/places/${placeId}/sheet.pdf?${q}`
}

export const countOf = (p: Paper): number => (p.fold ? 1 : p.columns * p.rows)
