// Values of a channel's settings between the form and the server.
import type { ChannelField } from '../api/types'

/** What a form holds of a setting: lists as lines of text, numbers as text. */
export type Value = string | boolean

/** The form's values of stored settings; what is not stored has its default. */
export function filledIn(fields: ChannelField[], settings: Record<string, unknown>): Record<string, Value> {
  return Object.fromEntries(
    fields.map((f) => {
      const is = settings[f.name]
      if (f.input === 'switch') return [f.name, is === undefined ? f.default === 'true' : is === true]
      if (Array.isArray(is)) return [f.name, is.join('\n')]
      return [f.name, is === undefined || is === null ? f.default : String(is)]
    }),
  )
}

/** What is sent: an empty secret is left out, as the stored one stays. */
export function valuesOf(fields: ChannelField[], values: Record<string, Value>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const f of fields) {
    const v = values[f.name] ?? ''
    if (f.input === 'secret' && v === '') continue
    if (f.input === 'switch') out[f.name] = v === true
    else if (f.input === 'list') out[f.name] = String(v).split(/[\n,、]/).map((s) => s.trim()).filter(Boolean)
    else if (f.input === 'number') out[f.name] = String(v).trim() === '' ? null : Number(v)
    else out[f.name] = f.input === 'long' || f.input === 'secret' ? String(v) : String(v).trim()
  }
  return out
}
