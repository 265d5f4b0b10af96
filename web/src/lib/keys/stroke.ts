// From a keyboard event to the way keys are written in bindings.ts, and from
// there to what is printed on the reader's keyboard.

const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)
const dead = new Set(['shift', 'control', 'alt', 'meta', 'capslock', 'process', 'dead', 'unidentified'])

/** "j", "shift+r", "?", "mod+enter"; "" for bare modifiers. */
export function heard(e: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'altKey' | 'metaKey' | 'ctrlKey'>): string {
  let key = e.key.toLowerCase()
  if (dead.has(key) || e.altKey) return ''
  // Kana and Cyrillic layouts: the place of the key counts.
  if (key.length === 1 && key > '~' && e.code.startsWith('Key')) key = e.code.slice(3).toLowerCase()
  const named = key.length > 1 || (key >= 'a' && key <= 'z')
  const shift = e.shiftKey && named ? 'shift+' : ''
  const mod = (mac ? e.metaKey : e.ctrlKey) ? 'mod+' : ''
  if (!mod && (e.metaKey || e.ctrlKey)) return ''
  return mod + shift + (key === ' ' ? 'space' : key)
}

export const matches = (bound: readonly string[], stroke: string): boolean => bound.includes(stroke)

const printed: Record<string, string> = {
  mod: mac ? '⌘' : 'Ctrl',
  shift: mac ? '⇧' : 'Shift',
  enter: '↵',
  escape: 'Esc',
  arrowdown: '↓',
  arrowup: '↑',
  space: 'Space',
}

/** The caps to draw for one binding: [["Ctrl","K"]] or [["G"],["I"]]. */
export function caps(binding: string): string[][] {
  return binding.split(' ').map((stroke) => stroke.split('+').map((part) => printed[part] ?? part.toUpperCase()))
}

/** For tooltips and `aria-keyshortcuts`-like words: "Ctrl K", "G I". */
export const spoken = (binding: string): string =>
  caps(binding)
    .map((stroke) => stroke.join(mac ? '' : '+'))
    .join(' ')
