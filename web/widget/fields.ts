// The fields that are asked before the first words. They go with the words, so
// nothing is sent twice and nothing is lost.
import type { About } from '../sdk/src/types'
import { fill, h } from './dom'

/** A mail address that an answer can reach: browsers also take one without a domain. */
const ADDRESS = /^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/

export function fields(about: About): { el: HTMLElement; show(on: boolean): void; entered(): Record<string, string> | undefined | false } {
  const w = about.words
  const wrong = h('p', { class: 'wrong', role: 'alert', hidden: true })
  const list = (about.form?.fields ?? []).map((f) => {
    const common = { class: 'v', required: f.required }
    const input = f.type === 'choice'
      ? h('select', common, h('option', { value: '' }, w.choose), ...f.choices.map((c, i) => h('option', { value: i }, c)))
      : h('input', { ...common, type: f.type === 'email' ? 'email' : 'text', autocomplete: f.type === 'text' ? 'off' : f.type, maxlength: f.type === 'email' ? 254 : 500 })
    input.addEventListener('input', () => { wrong.hidden = true })
    return { f, input, row: h('label', {}, f.required ? f.label : fill(w.optional, { label: f.label }), input) }
  })
  const el = h('div', { class: 'fi', role: 'group', 'aria-label': w.formTitle, hidden: true }, ...list.map((x) => x.row), wrong)
  return {
    el,
    show: (on) => { el.hidden = !on },
    entered() {
      if (el.hidden) return undefined
      const out: Record<string, string> = {}
      for (const { f, input } of list) {
        const value = input.value.trim()
        const ok = f.type === 'email' && value && !ADDRESS.test(value) ? false : f.required ? value !== '' && input.checkValidity() : value === '' || input.checkValidity()
        input.setAttribute('aria-invalid', String(!ok))
        if (!ok) {
          wrong.textContent = fill(f.type === 'email' && value ? w.emailWrong : w.needed, { label: f.label })
          wrong.hidden = false
          input.focus()
          return false
        }
        if (value) out[f.name] = value
      }
      wrong.hidden = true
      return out
    },
  }
}
