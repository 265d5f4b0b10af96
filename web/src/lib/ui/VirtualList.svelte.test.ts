import { createRawSnippet } from 'svelte'
import { expect, test, vi } from 'vitest'
import { render } from 'vitest-browser-svelte'
import VirtualList from './VirtualList.svelte'

type Item = { id: string }
const items = Array.from({ length: 10_000 }, (_, i) => ({ id: `r${i}` }))
const row = createRawSnippet<[Item, boolean]>((item) => ({ render: () => `<span>${item().id}</span>` }))
const base = { items, rowHeight: 40, label: 'Rows', name: 'row', row, onpick: () => {} }
const drawn = () => document.querySelectorAll('[role=option]').length

function box(): HTMLElement {
  const list = document.querySelector<HTMLElement>('[role=listbox]')!
  list.style.height = '400px'
  list.style.flex = 'none'
  return list
}

test('draws only what is seen, and the place of every row is known', async () => {
  await render(VirtualList, { ...base, total: 10_000 })
  box()
  await expect.poll(drawn).toBeLessThan(60)
  const first = document.querySelector('[role=option]')!
  expect(first.getAttribute('aria-posinset')).toBe('1')
  expect(first.getAttribute('aria-setsize')).toBe('10000')
})

test('the active row is drawn even when it is far away', async () => {
  await render(VirtualList, { ...base, active: 'r9000' })
  const list = box()
  expect(list.getAttribute('aria-activedescendant')).toBe('row-r9000')
  await expect.poll(() => document.getElementById('row-r9000')).not.toBeNull()
})

test('asks for more when the end comes near', async () => {
  const onend = vi.fn()
  await render(VirtualList, { ...base, items: items.slice(0, 100), onend })
  const list = box()
  await expect.poll(drawn).toBeLessThan(60)
  onend.mockClear()
  list.scrollTop = 100 * 40
  await expect.poll(() => onend.mock.calls.length).toBeGreaterThan(0)
})
