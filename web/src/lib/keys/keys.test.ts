import { describe, expect, test } from 'vitest'
import { bindings } from './bindings'
import { isIME } from './ime'
import { caps, heard } from './stroke'

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  ({ key, code: '', shiftKey: false, altKey: false, metaKey: false, ctrlKey: false, ...more }) as KeyboardEvent

describe('bindings', () => {
  const entries = Object.entries(bindings).flatMap(([id, all]) => all.map((binding) => ({ id, place: id.split('.')[0]!, binding: binding as string })))

  test('no two commands of one place share a key', () => {
    for (const a of entries)
      for (const b of entries) {
        const meet = a.place === b.place || a.place === 'app' || b.place === 'app'
        if (a.id < b.id && meet) expect(a.binding === b.binding ? `${a.id} and ${b.id} on ${a.binding}` : '').toBe('')
      }
  })
  test('no key is the beginning of a sequence', () => {
    const starts = new Set(entries.map((e) => e.binding.split(' ')).filter((s) => s.length > 1).map((s) => s[0]))
    for (const e of entries) expect(starts.has(e.binding) ? e.id : '').toBe('')
  })
})

describe('heard', () => {
  test.each([
    [press('j'), 'j'],
    [press('R', { shiftKey: true }), 'shift+r'],
    [press('?', { shiftKey: true }), '?'],
    [press('Enter', { ctrlKey: true }), 'mod+enter'],
    [press('Enter', { ctrlKey: true, shiftKey: true }), 'mod+shift+enter'],
    [press('ま', { code: 'KeyJ' }), 'j'],
    [press('Shift', { shiftKey: true }), ''],
    [press('Process'), ''],
    [press('å', { altKey: true, code: 'KeyA' }), ''],
  ])('%#', (event, want) => expect(heard(event)).toBe(want))
})

test('a key of an input method is known in Chromium and in Safari', () => {
  expect(isIME(press('Enter', { isComposing: true } as never))).toBe(true)
  expect(isIME(press('Enter', { isComposing: false, keyCode: 229 } as never))).toBe(true)
  expect(isIME(press('Enter', { isComposing: false, keyCode: 13 } as never))).toBe(false)
})

test('caps', () => {
  expect(caps('g i')).toEqual([['G'], ['I']])
  expect(caps('mod+enter')).toHaveLength(1)
})
