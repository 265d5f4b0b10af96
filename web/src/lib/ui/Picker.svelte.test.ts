import { expect, test, vi } from 'vitest'
import { render } from 'vitest-browser-svelte'
import { userEvent } from 'vitest/browser'
import Picker from './Picker.svelte'

const options = [
  { id: 'a1', label: '佐藤 花子', detail: 'サトウ' },
  { id: 'a2', label: 'Ada Lovelace' },
]

test('finds by kana of either kind and picks with Enter', async () => {
  const onpick = vi.fn()
  const screen = await render(Picker, { options, label: 'Assign', onpick })
  const input = screen.getByRole('combobox')
  await input.fill('さとう')
  await expect.element(screen.getByRole('option')).toHaveTextContent('佐藤')
  await userEvent.click(input)
  await userEvent.keyboard('{Enter}')
  expect(onpick).toHaveBeenCalledExactlyOnceWith('a1')
})

test('the Enter that confirms a conversion does not pick', async () => {
  const onpick = vi.fn()
  const screen = await render(Picker, { options, label: 'Assign', onpick })
  const input = screen.getByRole('combobox').element()
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true } as KeyboardEventInit))
  expect(onpick).not.toHaveBeenCalled()
})
