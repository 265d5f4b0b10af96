// One WebSocket for the whole application. It brings facts ("conversation.updated")
// in order with a sequence number; after a lost connection we say which number we
// saw last and the server sends what was missed, or "resync" when that is too much.
import { frame } from '../frame'

export interface Fact {
  seq: number
  name: string
  subject: string
  conversationId?: string
  caseId?: string
  actor?: { kind: string; id: string }
  fields?: Record<string, unknown>
}
export interface Presence {
  viewing: string[]
  typing: string[]
  /** The customer types, where the channel says so. */
  customer?: boolean
}
type Incoming =
  | { type: 'hello'; seq: number; agentId: string }
  | ({ type: 'fact' } & Fact)
  | { type: 'resync' }
  | { type: 'away' }
  | { type: 'back' }
  | ({ type: 'presence'; conversationId: string } & Presence)

/** off: not signed in · connecting: first try · live · lost: waiting for the next try */
export type LiveState = 'off' | 'connecting' | 'live' | 'lost'

const firstWait = 500
const longestWait = 20_000
const beatEvery = 25_000
const beatPatience = 10_000
const askEvery = 4_000
/** By then the answer to a hello has come whole. */
const settleAfter = 5_000

export class Live {
  state = $state<LiveState>('off')
  /** The server is there and cannot keep anything: its database or its disk is away. */
  away = $state(false)
  private asking: ReturnType<typeof setTimeout> | undefined
  presence = $state.raw<Record<string, Presence>>({})
  private socket: WebSocket | undefined
  /** The highest number seen. */
  private seq = 0
  /** Up to here nothing is missing: while missed facts arrive, newer ones may overtake them. */
  private floor = 0
  private readonly recent = new Set<number>()
  private tries = 0
  private again: ReturnType<typeof setTimeout> | undefined
  private settling: ReturnType<typeof setTimeout> | undefined
  private beat: ReturnType<typeof setInterval> | undefined
  private patience: ReturnType<typeof setTimeout> | undefined
  private waiting: Fact[] = []
  private factListeners = new Set<(facts: Fact[]) => void>()
  private resyncListeners = new Set<() => void>()
  private viewing: string | null = null
  private readonly flush = frame(() => {
    const batch = this.waiting
    this.waiting = []
    if (batch.length > 0) for (const tell of this.factListeners) tell(batch)
  })

  constructor(private readonly address: () => string) {}

  /** Facts come in batches, at most one a frame. Returns the way to stop listening. */
  onFacts(tell: (facts: Fact[]) => void): () => void {
    this.factListeners.add(tell)
    return () => this.factListeners.delete(tell)
  }

  /** Told when facts were missed and everything on screen must be read again. */
  onResync(tell: () => void): () => void {
    this.resyncListeners.add(tell)
    return () => this.resyncListeners.delete(tell)
  }

  start(): void {
    if (this.state !== 'off') return
    this.state = 'connecting'
    addEventListener('online', this.hurry)
    addEventListener('offline', this.cut)
    document.addEventListener('visibilitychange', this.hurry)
    this.connect()
  }

  stop(): void {
    this.state = 'off'
    this.recover()
    removeEventListener('online', this.hurry)
    removeEventListener('offline', this.cut)
    document.removeEventListener('visibilitychange', this.hurry)
    this.drop()
    this.seq = 0
    this.floor = 0
    this.recent.clear()
    this.tries = 0
    this.presence = {}
  }

  /** Tells colleagues which conversation is on this screen; null when none. */
  view(conversationId: string | null): void {
    this.viewing = conversationId
    this.send({ type: 'viewing', conversationId })
  }

  /** Tells colleagues that somebody writes here, or has stopped. */
  typing(conversationId: string, on: boolean): void {
    this.send({ type: 'typing', conversationId, on })
  }

  private connect(): void {
    const socket = new WebSocket(this.address())
    this.socket = socket
    socket.onopen = () => this.hello()
    socket.onmessage = (e) => this.socket === socket && this.take(String(e.data))
    socket.onclose = () => this.socket === socket && this.lose()
  }

  private hello(): void {
    this.send({ type: 'hello', since: this.floor })
  }

  private take(text: string): void {
    let message: Incoming
    try {
      message = JSON.parse(text) as Incoming
    } catch {
      return // not ours; a proxy may speak on the line
    }
    clearTimeout(this.patience)
    this.patience = undefined
    switch (message.type) {
      case 'hello':
        this.greeted(message.seq)
        break
      case 'fact':
        if (message.seq <= this.floor || this.recent.has(message.seq)) return
        this.recent.add(message.seq)
        this.seq = Math.max(this.seq, message.seq)
        this.waiting.push(message)
        this.flush()
        break
      case 'resync':
        for (const tell of this.resyncListeners) tell()
        break
      case 'away':
        this.trouble()
        break
      case 'back':
        this.recover()
        break
      case 'presence':
        this.presence = { ...this.presence, [message.conversationId]: { viewing: message.viewing ?? [], typing: message.typing ?? [], ...(message.customer ? { customer: true } : {}) } }
        break
    }
  }

  private greeted(seq: number): void {
    // The first hello gives the number to start from; later ones come after the
    // missed facts and must not jump over facts still under way.
    if (this.floor === 0) this.floor = this.seq = Math.max(this.seq, seq)
    this.tries = 0
    clearTimeout(this.settling)
    this.settling = setTimeout(() => this.settle(), settleAfter)
    if (this.state === 'live') return
    this.state = 'live'
    if (this.viewing) this.send({ type: 'viewing', conversationId: this.viewing })
    clearInterval(this.beat)
    // A half-open line says nothing; a hello that is not answered finds it out.
    this.beat = setInterval(() => {
      this.hello()
      this.patience ??= setTimeout(() => this.lose(), beatPatience)
    }, beatEvery)
  }

  /** The missed facts have come: what was seen until now need not be asked for again. */
  private settle(): void {
    this.floor = this.seq
    this.recent.clear()
  }

  /** Something was refused because a part of the server is away: say so, and ask until it is back. */
  trouble(): void {
    if (this.away || this.state === 'off') return
    this.away = true
    this.ask()
  }

  private ask(): void {
    clearTimeout(this.asking)
    this.asking = setTimeout(() => void this.look(), askEvery / 2 + (Math.random() * askEvery) / 2)
  }

  private async look(): Promise<void> {
    try {
      const states = (await (await fetch('/readyz')).json()) as { database?: unknown; storage?: unknown }
      const fine = (part: unknown): boolean => part === true || (typeof part === 'object' && part !== null && 'ok' in part && part.ok === true)
      if (fine(states.database) && fine(states.storage)) return this.recover()
    } catch {
      // not even an answer: ask again
    }
    if (this.away) this.ask()
  }

  private recover(): void {
    clearTimeout(this.asking)
    this.away = false
  }

  private lose(): void {
    this.drop()
    if (this.state === 'off') return
    this.state = 'lost'
    this.presence = {}
    const ceiling = Math.min(longestWait, firstWait * 2 ** this.tries++)
    this.again = setTimeout(() => this.connect(), ceiling / 2 + (Math.random() * ceiling) / 2)
  }

  private drop(): void {
    clearTimeout(this.again)
    clearTimeout(this.settling)
    clearInterval(this.beat)
    clearTimeout(this.patience)
    this.patience = undefined
    const old = this.socket
    this.socket = undefined
    old?.close()
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  /** The browser knows that its network is gone long before the silent line does. */
  private readonly cut = (): void => {
    if (this.state === 'live' || this.state === 'connecting') this.lose()
  }

  /** The network or the reader is back: do not wait for the timer. */
  private readonly hurry = (): void => {
    if (this.state !== 'lost' || document.hidden) return
    this.drop()
    this.connect()
  }
}

export const live = new Live(() => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`)
