// What the page of forms reckons: fields as they are drawn, their order, the
// lines that show a form on another site.
import type { DeskForm } from '$lib/api/types'

export interface FormText { ja: string; en: string }
export type FieldType = DeskForm['fields'][number]['type']
export const fieldTypes = ['text', 'long', 'choice', 'number', 'date', 'phone', 'order'] as const satisfies readonly FieldType[]

/** A field while it is edited: its choices are lines in each language. */
export interface DraftField { name: string; type: FieldType; label: FormText; required: boolean; choices: FormText }

export const emptyText = (): FormText => ({ ja: '', en: '' })

const lines = (s: string): string[] => s.split('\n').map((l) => l.trim())

export function drafted(fields: DeskForm['fields']): DraftField[] {
  return fields.map((f) => ({ ...f, label: { ...f.label }, choices: { ja: f.choices.map((c) => c.ja).join('\n'), en: f.choices.map((c) => c.en).join('\n') } }))
}

/** Pairs the lines of both languages; an empty line on both sides is left out. */
export function choicesOf(text: FormText): FormText[] {
  const ja = lines(text.ja)
  const en = lines(text.en)
  return Array.from({ length: Math.max(ja.length, en.length) }, (_, i) => ({ ja: ja[i] ?? '', en: en[i] ?? '' })).filter((c) => c.ja !== '' || c.en !== '')
}

export const finished = (fields: DraftField[]): DeskForm['fields'] => fields.map((f) => ({ ...f, choices: f.type === 'choice' ? choicesOf(f.choices) : [] }))

/** A name that no other field has: names are kept when fields are moved. */
export function freeName(fields: { name: string }[]): string {
  for (let n = 1; ; n++) if (!fields.some((f) => f.name === `f${n}`)) return `f${n}`
}

/** The list with one entry moved by some places, never beyond its ends. */
export function moved<T>(list: T[], from: number, by: number): T[] {
  const to = Math.min(Math.max(from + by, 0), list.length - 1)
  const out = [...list]
  out.splice(to, 0, ...out.splice(from, 1))
  return out
}

const escaped = (s: string): string => s.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

export const embedCode = (url: string, title: string): string =>
  `<iframe src="${escaped(url)}?embed=1" title="${escaped(title)}" style="width:100%;height:760px;border:0" loading="lazy"></iframe>`
