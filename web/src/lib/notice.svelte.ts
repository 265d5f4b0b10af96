// At most one notice at a time, for results that have no place on the screen,
// and the way back from the last act (undo rather than confirm).
import { wordsOf } from './api/client'

export interface Notice {
  id: number
  text: string
  tone: 'plain' | 'bad'
  /** Takes the act back; also on the key z. */
  undo?: () => void | Promise<void>
  /** Milliseconds until it leaves by itself. */
  lasts: number
}

const undoTime = 8_000

class Notices {
  current = $state.raw<Notice | null>(null)
  private timer: ReturnType<typeof setTimeout> | undefined
  private count = 0

  say(text: string): void {
    this.show({ text, tone: 'plain', lasts: 5_000 })
  }
  /** Says what went wrong. */
  fault(error: unknown): void {
    if (error instanceof DOMException && error.name === 'AbortError') return
    this.show({ text: wordsOf(error), tone: 'bad', lasts: 10_000 })
  }
  /** Says what was done and offers the way back. */
  undoable(text: string, undo: () => void | Promise<void>, lasts = undoTime): void {
    this.show({ text, tone: 'plain', undo, lasts })
  }
  /** Takes back the last act, while its notice is shown. */
  async undo(): Promise<void> {
    const undo = this.current?.undo
    if (!undo) return
    this.close()
    try {
      await undo()
    } catch (error) {
      this.fault(error)
    }
  }
  close(): void {
    clearTimeout(this.timer)
    this.current = null
  }
  private show(notice: Omit<Notice, 'id'>): void {
    clearTimeout(this.timer)
    this.current = { ...notice, id: ++this.count }
    this.timer = setTimeout(() => this.close(), notice.lasts)
  }
}
export const notices = new Notices()
