import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keys } from './keys.svelte'

const acts = { go: vi.fn(), next: vi.fn(), palette: vi.fn(), resolve: vi.fn() }
let can = true
let out: () => void
beforeEach(() => {
  can = true
  Object.values(acts).forEach((f) => f.mockClear())
  out = keys.add([
    { id: 'app.go.cases', label: () => '', run: acts.go },
    { id: 'inbox.next', label: () => '', run: acts.next },
    { id: 'app.palette', label: () => '', run: acts.palette, whileWriting: true },
    { id: 'inbox.resolve', label: () => '', run: acts.resolve, when: () => can },
  ])
  addEventListener('keydown', keys.handle)
})
afterEach(() => {
  out()
  removeEventListener('keydown', keys.handle)
  document.body.replaceChildren()
})
function press(key: string, on: Element = document.body, more: KeyboardEventInit & { keyCode?: number } = {}): void {
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
}
function field(tag: 'input' | 'textarea' | 'div'): HTMLElement {
  const e = document.createElement(tag)
  if (tag === 'div') e.contentEditable = 'true'
  document.body.append(e)
  return e
}

test('single keys and sequences', () => {
  press('j')
  expect(acts.next).toHaveBeenCalledOnce()
  press('g')
  press('c')
  expect(acts.go).toHaveBeenCalledOnce()
})
test('what cannot be done now is not done', () => {
  can = false
  press('e')
  expect(acts.resolve).not.toHaveBeenCalled()
})
test.each(['input', 'textarea', 'div'] as const)('letters belong to whoever writes in a %s', (tag) => {
  const at = field(tag)
  press('j', at)
  press('e', at)
  expect(acts.next).not.toHaveBeenCalled()
  expect(acts.resolve).not.toHaveBeenCalled()
  press('k', at, { ctrlKey: true })
  expect(acts.palette).toHaveBeenCalledOnce()
})
test('keys of an input method are never ours', () => {
  press('j', document.body, { keyCode: 229 })
  press('e', document.body, { isComposing: true })
  expect(acts.next).not.toHaveBeenCalled()
  expect(acts.resolve).not.toHaveBeenCalled()
})
test('nothing happens behind a dialog', () => {
  const dialog = document.createElement('div')
  dialog.setAttribute('role', 'dialog')
  const button = document.createElement('button')
  dialog.append(button)
  document.body.append(dialog)
  press('e', button)
  expect(acts.resolve).not.toHaveBeenCalled()
})
