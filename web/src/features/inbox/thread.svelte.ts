// The messages of one conversation: the last page first, older ones on request,
// new ones as they come.
import { GET, POST, ok, wordsOf } from '$lib/api/client'
import { live, type Fact } from '$lib/api/live.svelte'
import type { Draft, Message } from '$lib/api/types'
import { notices } from '$lib/notice.svelte'

const moving = ['message.', 'note.', 'conversation.', 'case.', 'survey.']

export class Thread {
  messages = $state.raw<Message[]>([])
  loading = $state(true)
  fault = $state('')
  /** There are older messages than shown. */
  older = $state(false)
  private before: string | null = null
  private asked = false
  private closed = false

  constructor(readonly id: string) {}

  /** Reads the thread and keeps it true. Returns the way to stop. */
  attach(): () => void {
    void this.load()
    const quiet = live.onFacts((facts: Fact[]) => {
      if (facts.some((f) => (f.conversationId ?? f.subject) === this.id && moving.some((m) => f.name.startsWith(m)))) void this.refresh()
    })
    const loud = live.onResync(() => void this.refresh())
    return () => {
      this.closed = true
      quiet()
      loud()
    }
  }

  async load(): Promise<void> {
    this.loading = true
    this.fault = ''
    try {
      const page = await ok(GET('/conversations/{id}/messages', { params: { path: { id: this.id } } }))
      this.messages = page.items
      this.before = page.next ?? null
      this.older = this.before !== null
    } catch (error) {
      this.fault = wordsOf(error)
    } finally {
      this.loading = false
    }
  }

  async loadOlder(): Promise<void> {
    if (!this.before) return
    try {
      const page = await ok(GET('/conversations/{id}/messages', { params: { path: { id: this.id }, query: { before: this.before } } }))
      this.before = page.next ?? null
      this.older = this.before !== null
      this.messages = mergeById(page.items, this.messages)
    } catch (error) {
      notices.fault(error)
    }
  }

  /** Reads the end again. Messages that vanished from it (undo) vanish here. */
  async refresh(): Promise<void> {
    if (this.asked) return
    this.asked = true
    // Facts come in bunches; the second half of the bunch is caught by the same reading.
    await new Promise((r) => setTimeout(r, 60))
    this.asked = false
    if (this.closed) return
    try {
      const page = await ok(GET('/conversations/{id}/messages', { params: { path: { id: this.id } } }))
      const first = page.items[0]
      const kept = first ? this.messages.filter((m) => m.at < first.at) : []
      this.messages = mergeById(kept, page.items)
    } catch {
      // The line is being mended; the next fact or resync reads again.
    }
  }

  /** Puts a message that we just wrote or changed. */
  put(message: Message): void {
    this.messages = mergeById(this.messages, [message])
  }

  /** Takes a message back before it has left; gives its draft. */
  async cancel(message: Message): Promise<Draft> {
    const draft = await ok(POST('/messages/{id}/cancel', { params: { path: { id: message.id } } }))
    this.messages = this.messages.filter((m) => m.id !== message.id)
    return draft
  }

  /** Sends a failed or uncertain message again, because somebody decided so. */
  async retry(message: Message): Promise<void> {
    try {
      this.put(await ok(POST('/messages/{id}/retry', { params: { path: { id: message.id } } })))
    } catch (error) {
      notices.fault(error)
    }
  }
}

/** Both lists in order of time; the second wins where an id is in both. */
export function mergeById(a: Message[], b: Message[]): Message[] {
  const news = new Map(b.map((m) => [m.id, m]))
  const out = a.map((m) => {
    const n = news.get(m.id)
    news.delete(m.id)
    return n ?? m
  })
  if (news.size === 0) return out
  return [...out, ...news.values()].sort((x, y) => x.at.localeCompare(y.at))
}
