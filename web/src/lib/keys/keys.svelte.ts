// The registry of everything the keyboard can do. A page registers its commands
// while it is shown; the palette and the `?` sheet are written from the same list.
import { untrack } from 'svelte'
import { bindings, type CommandId } from './bindings'
import { isIME, isWriting } from './ime'
import { heard, matches } from './stroke'

export interface Command {
  id: CommandId
  /** Words of the act, read anew on every showing. */
  label: () => string
  run: () => void
  /** Whether it can be done now; always, when absent. */
  when?: () => boolean
  /** Also while writing (only for keys with mod, or handled by the composer itself). */
  whileWriting?: boolean
  /** Kept out of the palette (moving about the list and the like). */
  silent?: boolean
}

const patience = 1_000

class Keys {
  commands = $state.raw<Command[]>([])
  /** First stroke of a sequence that waits for its second. */
  private before = ''
  private at = 0

  /** Adds commands; returns the way to take them out again. Use inside `$effect`. */
  add(list: Command[]): () => void {
    // An effect that registers must not depend on what others register.
    untrack(() => (this.commands = [...this.commands, ...list]))
    return () => untrack(() => (this.commands = this.commands.filter((c) => !list.includes(c))))
  }

  keysOf(id: CommandId): readonly string[] {
    return bindings[id]
  }

  /** Runs a command by name, if it is there and can be done. */
  run(id: CommandId): void {
    const command = this.commands.findLast((c) => c.id === id && (c.when?.() ?? true))
    command?.run()
  }

  /** The one keydown listener of the window. */
  readonly handle = (e: KeyboardEvent): void => {
    if (e.defaultPrevented || isIME(e)) return
    const stroke = heard(e)
    if (stroke === '') return
    const writing = isWriting(e.target)
    const modal = e.target instanceof Element && e.target.closest('[role=dialog],[role=menu],[role=alertdialog],[data-keys=own]') !== null
    if ((writing || modal) && !stroke.includes('mod+')) return
    const sequence = Date.now() - this.at < patience && this.before !== '' ? `${this.before} ${stroke}` : ''
    const command = this.find(sequence, writing || modal) ?? this.find(stroke, writing || modal)
    if (command) {
      this.before = ''
      // Enter and arrows keep their own meaning on a focused control.
      if (ownKey(e)) return
      e.preventDefault()
      command.run()
      return
    }
    this.before = stroke
    this.at = Date.now()
  }

  private find(stroke: string, writing: boolean): Command | undefined {
    if (stroke === '') return undefined
    return this.commands.findLast((c) => (!writing || c.whileWriting) && matches(bindings[c.id], stroke) && (c.when?.() ?? true))
  }
}

function ownKey(e: KeyboardEvent): boolean {
  if (e.key !== 'Enter' && !e.key.startsWith('Arrow')) return false
  if (e.metaKey || e.ctrlKey) return false
  return e.target instanceof Element && e.target.closest('button, a, summary, [role=tab], [role=radio], [role=button], input') !== null
}

export const keys = new Keys()
