// The list on the left: pages from the server, changes as they come.
import { GET, ok, wordsOf } from '$lib/api/client'
import { live, type Fact } from '$lib/api/live.svelte'
import type { Conversation } from '$lib/api/types'
import { session } from '$lib/session.svelte'
import { desk } from './desk.svelte'
import { queryOf, type Filter } from './filter'
import { admit, mergeChanged, without, type Shown } from './merge'

/** More facts than this at once: reading the list again is cheaper. */
const burst = 25

export class ConversationList {
  private shown = $state.raw<Shown>({ ids: [], fresh: [] })
  loading = $state(false)
  loaded = $state(false)
  fault = $state('')
  total = $state<number>()
  /** Scrolled or hovered: rows must not move. */
  held = $state(false)
  open: string | null = null
  private next: string | null = null
  private reading = 0
  private readonly waiting = new Set<string>()
  private busy = false

  constructor(readonly filter: Filter) {}

  readonly items = $derived(this.shown.ids.map((id) => desk.get(id)).filter((c): c is Conversation => c !== undefined))
  readonly ids = $derived(this.items.map((c) => c.id))
  readonly fresh = $derived(this.shown.fresh.length)

  /** Listens for changes. Returns the way to stop. */
  attach(): () => void {
    const stop = [desk.onChanged((changed, own) => this.take(changed, own)), desk.onMerged((id) => (this.shown = without(this.shown, id))), live.onFacts((facts) => this.hear(facts)), live.onResync(() => void this.load())]
    return () => stop.forEach((s) => s())
  }

  async load(): Promise<void> {
    const turn = ++this.reading
    this.loading = true
    this.fault = ''
    try {
      const page = await ok(GET('/conversations', { params: { query: queryOf(this.filter) } }))
      if (turn !== this.reading) return
      desk.put(page.items, false)
      this.next = page.next ?? null
      this.total = page.next ? -1 : undefined
      this.shown = { ids: page.items.map((c) => c.id), fresh: [] }
      this.loaded = true
    } catch (error) {
      if (turn === this.reading) this.fault = wordsOf(error)
    } finally {
      if (turn === this.reading) this.loading = false
    }
  }

  async more(): Promise<void> {
    if (this.loading || !this.next) return
    const turn = this.reading
    this.loading = true
    try {
      const page = await ok(GET('/conversations', { params: { query: queryOf(this.filter, this.next) } }))
      if (turn !== this.reading) return
      desk.put(page.items, false)
      this.next = page.next ?? null
      if (!page.next && this.total === -1) this.total = undefined
      const had = new Set(this.shown.ids)
      this.shown = { ids: [...this.shown.ids, ...page.items.map((c) => c.id).filter((id) => !had.has(id))], fresh: this.shown.fresh }
    } catch (error) {
      this.fault = wordsOf(error)
    } finally {
      if (turn === this.reading) this.loading = false
    }
  }

  /** Lets in what the "3 new" bar holds back. */
  admit(): void {
    this.shown = admit(this.shown, { filter: this.filter, get: desk.get })
  }

  /** Rows that stayed only because they were open leave now. */
  sweep(except: string | null): void {
    const rest = this.items.filter((c) => c.id !== except)
    this.open = except
    this.take(rest.filter((c) => this.filter.status !== 'any' && c.status !== this.filter.status))
  }

  private take(changed: Conversation[], own = false): void {
    if (!this.loaded) return
    this.shown = mergeChanged(this.shown, changed, { filter: this.filter, me: session.me?.id ?? '', held: this.held && this.shown.ids.length > 0, own, keep: this.open, get: desk.get })
  }

  private hear(facts: Fact[]): void {
    for (const fact of facts) {
      const id = fact.conversationId ?? (fact.subject.startsWith('conv_') ? fact.subject : undefined)
      if (id && fact.name !== 'draft.saved') this.waiting.add(id)
    }
    void this.catchUp()
  }

  /** One reading at a time; what comes meanwhile waits for the next. */
  private async catchUp(): Promise<void> {
    if (this.busy || this.waiting.size === 0) return
    this.busy = true
    try {
      while (this.waiting.size > 0) {
        const ids = [...this.waiting]
        this.waiting.clear()
        if (ids.length > burst && !this.held) await this.load()
        else await desk.refresh(ids.slice(0, 4 * burst))
      }
    } finally {
      this.busy = false
    }
  }
}
