// What a browser keeps between pages: the session's token and what is to be sent.
// Several pages of one browser share it, so each change is made to what is there
// at that moment.
import type { Options, Preamble } from './types'

export interface Waiting { id: string; text: string; at: string; files: { name: string; size: number; id: string }[]; before?: Preamble }
interface Content { token: string; queue: Waiting[] }

export class Kept {
  private readonly key: string
  private readonly storage: Options['storage']
  private memory: Content = { token: '', queue: [] }

  constructor(o: Options) {
    this.key = `kintsugi.chat.${o.inbox}`
    let storage = o.storage
    try {
      if (storage === undefined) storage = localStorage
    } catch {
      storage = null // a page may be forbidden to keep anything
    }
    this.storage = storage
  }

  read(): Content {
    try {
      const text = this.storage?.getItem(this.key)
      if (text) this.memory = JSON.parse(text) as Content
      else if (this.storage) this.memory = { token: '', queue: [] }
    } catch {
      // Unreadable or forbidden: what this page knows is all there is.
    }
    return { token: this.memory.token ?? '', queue: this.memory.queue ?? [] }
  }

  change(make: (c: Content) => void): void {
    const c = this.read()
    make(c)
    this.memory = c
    try {
      if (!c.token && !c.queue.length) this.storage?.removeItem(this.key)
      else this.storage?.setItem(this.key, JSON.stringify(c))
    } catch {
      // Full or forbidden: it is kept as long as the page is open.
    }
  }
}
