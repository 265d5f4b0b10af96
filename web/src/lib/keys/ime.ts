/**
 * Whether a key belongs to an input method (Japanese conversion). Safari ends the
 * composition before the confirming Enter, so `isComposing` is already false there
 * and only keyCode 229 tells (WebKit bug 165004). Every keydown handler asks this.
 */
export const isIME = (e: KeyboardEvent): boolean => e.isComposing || e.keyCode === 229

/** Whether the event comes from a place where people write. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'range', 'file'].includes(target.type)
}
