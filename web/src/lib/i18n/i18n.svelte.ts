// The reader's language. `t` is reactive: a template that calls it is written
// anew when the language changes.
import { format, type Params } from './format'
import type { Key } from './keys'

export type { Key } from './keys'
export type Locale = 'en' | 'ja'
export const locales: Locale[] = ['ja', 'en']
/** Each language named in itself, so that a reader can find the way back. */
export const localeNames: Record<Locale, string> = { ja: '日本語', en: 'English' }

class I18n {
  locale = $state<Locale>('en')
  words = $state.raw<Record<string, string>>({})
}
const i18n = new I18n()

/** The language now shown. */
export const locale = (): Locale => i18n.locale

/** The words for a key, with its parameters filled in. */
export function t(key: Key, params?: Params): string {
  const message = i18n.words[key]
  return message === undefined ? key : format(message, params, i18n.locale)
}

/** Like `t`, for keys that come from the server; `fallback` when we have no words for it. */
export function tMaybe(key: string, fallback: string, params?: Params): string {
  const message = i18n.words[key]
  return message === undefined ? fallback : format(message, params, i18n.locale)
}

/** Loads a language and shows it; `<html lang>` follows. */
export async function speak(next: Locale): Promise<void> {
  const file = next === 'ja' ? await import('./catalogue.ja') : await import('./catalogue.en')
  i18n.words = file.default
  i18n.locale = next
  document.documentElement.lang = next
}
