// Forms: native elements, rules on the server. A refusal comes back by field and
// in the reader's language; the first wrong field takes the focus.
import { tick } from 'svelte'
import { Fault, wordsOf } from './api/client'
import { t } from './i18n/i18n.svelte'

export class Form {
  busy = $state(false)
  /** field → words */
  errors = $state.raw<Record<string, string>>({})
  /** words for the whole form */
  fault = $state('')
  done = $state(false)

  /** Runs the write once; returns true when it went through. */
  async run(write: () => Promise<unknown>, element?: HTMLElement | null): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    this.errors = {}
    this.fault = ''
    this.done = false
    try {
      await write()
      this.done = true
      return true
    } catch (error) {
      this.errors = error instanceof Fault ? error.fields : {}
      this.fault = wordsOf(error)
      await tick()
      const wrong = element?.querySelector<HTMLElement>('[aria-invalid="true"]')
      wrong?.focus()
      // Of a field that is not on the screen the form itself says what is wrong.
      if (element && !wrong && Object.keys(this.errors).length > 0) this.fault = [this.fault, ...Object.values(this.errors)].join(' ')
      return false
    } finally {
      this.busy = false
    }
  }

  /**
   * Marks every required field that is empty, all at once and before the server
   * is asked; true when there is none. The first takes the focus.
   */
  filled(required: Record<string, unknown>, element?: HTMLElement | null): boolean {
    const empty = Object.keys(required).filter((name) => String(required[name] ?? '').trim() === '')
    this.errors = Object.fromEntries(empty.map((name) => [name, t('app.fault.required')]))
    this.fault = empty.length > 0 ? t('app.fault.fields') : ''
    if (empty.length > 0) void tick().then(() => element?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
    return empty.length === 0
  }

  /** Puts words at a field without asking the server. */
  refuse(field: string, words: string): void {
    this.errors = { ...this.errors, [field]: words }
  }
}
