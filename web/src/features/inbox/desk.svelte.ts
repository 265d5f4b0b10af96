// The conversations this browser knows, each once, and all changes to them.
// Rows and the open thread read the same record, so a change is seen everywhere.
import { SvelteMap } from 'svelte/reactivity'
import { GET, PATCH, POST, PUT, ok } from '$lib/api/client'
import type { Conversation, ConversationPatch } from '$lib/api/types'
import { stale } from '$lib/api/query'
import { notices } from '$lib/notice.svelte'
import { Turns } from './turns'

class Desk {
  private readonly known = new SvelteMap<string, Conversation>()
  /** Told of conversations that changed elsewhere, or here (`own`). */
  private readonly listeners = new Set<(changed: Conversation[], own: boolean) => void>()
  private readonly turns = new Turns<Conversation>()
  private readonly followers = new Set<(id: string, into: string) => void>()

  readonly get = (id: string | null | undefined): Conversation | undefined => (id ? this.known.get(id) : undefined)

  onChanged(tell: (changed: Conversation[], own: boolean) => void): () => void {
    this.listeners.add(tell)
    return () => this.listeners.delete(tell)
  }

  /** Told of a conversation that was merged into another: it is none of its own any more. */
  onMerged(tell: (id: string, into: string) => void): () => void {
    this.followers.add(tell)
    return () => this.followers.delete(tell)
  }

  /** Takes note of a merge, made here or elsewhere. */
  merged(id: string, into: string): void {
    this.known.delete(id)
    for (const follower of this.followers) follower(id, into)
  }

  /** Merges one conversation into another. */
  async merge(id: string, intoId: string): Promise<void> {
    const kept = await ok(POST('/conversations/{id}/merge', { params: { path: { id } }, body: { intoId } }))
    this.merged(id, kept.id)
    this.put([kept])
  }

  /** Merges into the conversation that the customer goes on with; two customers become one. */
  async join(id: string, intoId: string, sameCustomer: boolean): Promise<void> {
    const kept = await ok(POST('/conversations/{id}/join', { params: { path: { id } }, body: { intoId, ...(sameCustomer && { sameCustomer }) } }))
    this.merged(id, kept.id)
    this.put([kept])
  }

  /** Takes a merge back, at the entry it left. */
  async unmerge(id: string, intoId: string): Promise<void> {
    const thread = await ok(GET('/conversations/{id}/messages', { params: { path: { id: intoId } } }))
    const event = thread.items.findLast((m) => m.event?.name === 'merged' && m.event.data.conversationId === id)
    if (event) this.put([await ok(POST('/conversations/{id}/split', { params: { path: { id: intoId } }, body: { messageId: event.id } }))])
    await this.refresh([intoId])
  }

  /** Takes records from the server; an older version never replaces a newer one. */
  put(list: Conversation[], tell = true, own = false): void {
    const news: Conversation[] = []
    for (const c of list) {
      const had = this.known.get(c.id)
      if (had && had.version > c.version) continue
      if (this.turns.keep(c.id, c)) continue
      this.known.set(c.id, c)
      news.push(c)
    }
    if (tell && news.length > 0) for (const listener of this.listeners) listener(news, own)
  }

  /** Reads some conversations again, a few at a time; one that was merged answers as the other. */
  async refresh(ids: string[]): Promise<void> {
    const queue = [...ids]
    const news: Conversation[] = []
    const worker = async () => {
      for (let id = queue.shift(); id; id = queue.shift()) {
        try {
          const c = await ok(GET('/conversations/{id}', { params: { path: { id } } }))
          if (c.id !== id) this.merged(id, c.id)
          news.push(c)
        } catch {
          // Denied or no connection: the next reading of the list tells.
        }
      }
    }
    await Promise.all([worker(), worker(), worker()])
    this.put(news)
  }

  async load(id: string): Promise<Conversation> {
    const c = await ok(GET('/conversations/{id}', { params: { path: { id } } }))
    this.put([c])
    if (c.id !== id) this.merged(id, c.id)
    return this.known.get(c.id) ?? c
  }

  /**
   * Changes conversations: shown at once, put back when the server refuses.
   * `words` is said with the way back; without it nothing is said.
   */
  async change(ids: string[], patch: ConversationPatch, words?: string): Promise<void> {
    const before = ids.map((id) => this.known.get(id)).filter((c) => c !== undefined)
    if (before.length === 0) return
    this.show(before.map((c) => ({ ...c, ...patch, version: c.version })))
    if (words) notices.undoable(words, () => this.restore(before, patch))
    try {
      await this.send(before, () => patch)
    } catch (error) {
      this.putBack(before)
      notices.fault(error)
    }
  }

  /** Marks as read. A failure does no harm: it stays bold. */
  async read(id: string): Promise<void> {
    const c = this.known.get(id)
    if (!c?.unread) return
    this.show([{ ...c, unread: false }])
    await ok(PUT('/conversations/{id}/read', { params: { path: { id } } })).catch(() => this.show([c]))
  }

  private async restore(before: Conversation[], patch: ConversationPatch): Promise<void> {
    const back = (c: Conversation): ConversationPatch => {
      const old: Record<string, unknown> = {}
      for (const field of Object.keys(patch) as (keyof ConversationPatch)[]) old[field] = c[field]
      // Waking time belongs to the status it came with.
      if ('status' in patch && c.status === 'snoozed') old.snoozedUntil = c.snoozedUntil
      return old
    }
    const seen = before.map((c) => this.known.get(c.id) ?? c)
    this.show(seen.map((c, i) => ({ ...c, ...back(before[i]!) }) as Conversation))
    try {
      await this.send(before, back)
    } catch (error) {
      this.putBack(seen)
      throw error
    }
  }

  /** Shows what was there before a refused act, but for what the server has told since. */
  private putBack(seen: Conversation[]): void {
    this.show(seen.filter((c) => (this.known.get(c.id)?.version ?? 0) <= c.version))
  }

  private async send(list: Conversation[], patchOf: (c: Conversation) => ConversationPatch): Promise<void> {
    const ids = list.map((c) => c.id)
    const same = new Set(list.map((c) => JSON.stringify(patchOf(c)))).size === 1
    const said: Conversation[] = []
    try {
      await this.turns.take(ids, async () => {
        if (list.length > 1 && same) said.push(...(await ok(POST('/conversations/bulk', { body: { ids, patch: patchOf(list[0]!) } }))).items)
        else for (const c of list) said.push(await ok(PATCH('/conversations/{id}', { params: { path: { id: c.id } }, body: patchOf(c) })))
      })
    } finally {
      this.put([...said, ...this.turns.after(ids)], true, true)
    }
    stale('counts')
  }

  private show(list: Conversation[]): void {
    for (const c of list) this.known.set(c.id, c)
    for (const listener of this.listeners) listener(list, true)
  }
}
export const desk = new Desk()
