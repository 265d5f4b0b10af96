// Theme, density and language of this reader. The record in localStorage is
// what public/boot.js reads before the first paint; the account's settings are
// written over it after sign-in.
import { speak, type Locale } from './i18n/i18n.svelte'

export type Theme = 'system' | 'light' | 'dark'
export type Density = 'comfortable' | 'compact'

const place = 'kintsugi.look'
const dark = matchMedia('(prefers-color-scheme: dark)')

class Look {
  theme = $state<Theme>('system')
  density = $state<Density>('comfortable')
}
export const look = new Look()

/** Reads the record that boot.js has already shown and loads its language. */
export async function startLook(): Promise<void> {
  const saved = read()
  look.theme = saved.theme ?? 'system'
  look.density = saved.density ?? 'comfortable'
  dark.addEventListener('change', paint)
  await speak(document.documentElement.lang === 'ja' ? 'ja' : 'en')
}

/** Changes some of it, at once and for the next visit on this device. */
export async function wear(change: { theme?: Theme; density?: Density; locale?: Locale | '' }): Promise<void> {
  if (change.theme) look.theme = change.theme
  if (change.density) look.density = change.density
  paint()
  try {
    localStorage.setItem(place, JSON.stringify({ ...read(), ...change }))
  } catch {
    // Private mode: the choice lives as long as the page.
  }
  if (change.locale && change.locale !== document.documentElement.lang) await speak(change.locale)
}

function paint(): void {
  const root = document.documentElement
  root.dataset.theme = look.theme === 'dark' || (look.theme === 'system' && dark.matches) ? 'dark' : 'light'
  root.dataset.density = look.density
}

function read(): { theme?: Theme; density?: Density; locale?: Locale } {
  try {
    return JSON.parse(localStorage.getItem(place) ?? '{}') ?? {}
  } catch {
    return {}
  }
}
