// One visitor's conversation with a desk: what was said, what waits to be said, and
// a connection that comes back by itself.
import { Kept } from './kept'
import { ChatError, type About, type ChatMessage, type ChatState, type ChatSurvey, type Options, type Pending, type Preamble, type QuickAnswer, type Visitor } from './types'
import { Wire } from './wire'

/** The first pause before another try, then doubling; and the longest. */
const PAUSE = 1_000
const LONGEST = 30_000
/** Typing is told again after this long, and over after that long without a key. */
const TYPING_AGAIN = 3_000
const TYPING_OVER = 5_000
/** An agent's typing is over after this long without another word. */
const TYPING_HEARD = 60_000
const SESSION_ENDED = 4401

interface History { seq: number; messages: ChatMessage[]; older: string; unread: number; seenTo: string | null; talking: boolean; survey: ChatSurvey | null; reset?: boolean }

export class Chat {
  private readonly wire: Wire
  private readonly kept: Kept
  private readonly hearers = new Set<(s: ChatState) => void>()
  private readonly lines = new Map<string, ChatMessage>()
  private readonly files = new Map<string, File[]>()
  private pending: Pending[] = []
  private state: ChatState = { connection: 'idle', visitor: null, messages: [], pending: [], unread: 0, typing: false, ready: true, talking: false, survey: null, hasOlder: false }

  private identity: string
  private seq = -1
  private older = ''
  private socket: ReturnType<Wire['listen']> | undefined
  private tries = 0
  private retryAt: ReturnType<typeof setTimeout> | undefined
  private flushAt: ReturnType<typeof setTimeout> | undefined
  private flushing = false
  private syncing: Promise<void> | undefined
  private again = false
  private beginning: Promise<void> | undefined
  private typedAt = 0
  private typingOver: ReturnType<typeof setTimeout> | undefined
  private heardOver: ReturnType<typeof setTimeout> | undefined
  private readonly ears: [EventTarget, string, () => void][] = []
  private closed = false

  private readonly desk: string

  constructor(o: Options) {
    this.desk = o.desk
    this.wire = new Wire(o)
    this.kept = new Kept(o)
    this.identity = o.identity ?? ''
    if (typeof window === 'undefined') return
    this.hear(window, 'online', () => this.connect())
    this.hear(window, 'offline', () => this.lost(true))
    this.hear(document, 'visibilitychange', () => { if (!document.hidden && this.state.connection === 'waiting') this.connect() })
  }

  private hear(at: EventTarget, what: string, then: () => void): void {
    at.addEventListener(what, then)
    this.ears.push([at, what, then])
  }

  /** Calls `hear` now and after each change; returns how to stop that. */
  subscribe(hear: (s: ChatState) => void): () => void {
    this.hearers.add(hear)
    hear(this.state)
    return () => this.hearers.delete(hear)
  }

  /** Whether this browser has begun before; nothing is asked of the desk. */
  get begun(): boolean {
    const c = this.kept.read()
    return !!c.token || c.queue.length > 0
  }

  about(): Promise<About> { return this.wire.call('GET', 'about') }

  /** Goes on with the session that this browser has, if it has one, and makes none: or, where it may begin, only for a person who is signed in. */
  async resume(mayBegin = false): Promise<boolean> {
    const c = this.kept.read()
    if (!c.token && !c.queue.length && !(mayBegin && this.identity)) return false
    this.wire.token = c.token
    for (const w of c.queue) {
      if (!this.pending.some((p) => p.id === w.id)) this.pending.push({ ...w, files: w.files.map((f) => ({ ...f, sent: f.size })), accepted: false })
    }
    this.show({})
    await this.begin().catch(() => this.later())
    return true
  }

  /** Says something. It is with the desk once it stands in `messages`; until then it is in `pending`. `before` goes with first words. */
  send(text: string, files: File[] = [], before?: Preamble): string {
    const p: Pending = { id: newID(), text: text.trim(), at: new Date().toISOString(), files: files.map((f) => ({ name: f.name, size: f.size, sent: 0 })), accepted: false, before }
    if (!p.text && !files.length) return ''
    if (files.length) this.files.set(p.id, files)
    this.pending.push(p)
    this.keep(p)
    this.typing(false)
    this.show({})
    void this.flush()
    return p.id
  }

  /** Tries a message again that was refused. */
  retry(id: string): void {
    this.pending = this.pending.map((p) => (p.id === id ? { ...p, problem: undefined } : p))
    this.show({})
    void this.flush()
  }

  /** Forgets a message that was refused. */
  discard(id: string): void { this.forget(id) }

  /** Brings what was said earlier. */
  async loadOlder(): Promise<void> {
    if (!this.older) return
    const h = await this.wire.call<History>('GET', `messages?before=${encodeURIComponent(this.older)}`)
    this.older = h.older
    this.take(h.messages)
    this.show({})
  }

  /** Tells the agents that all that is shown was read. */
  async markRead(): Promise<void> {
    const last = this.state.messages.filter((m) => m.ours).at(-1)
    if (!this.state.unread || !last || !this.wire.token) return
    this.show({ unread: 0 })
    await this.wire.call('POST', 'read', { upTo: last.id }).catch(() => undefined) // the next mark reads it
  }

  /** Answers the questions in `state.survey`, or changes the answer; `repeated` is that to `survey.repeat`. Throws ChatError with words to show. */
  async answerSurvey(score: number, comment = '', repeated: boolean | null = null): Promise<void> {
    const id = this.state.survey?.id
    if (id) this.show({ survey: await this.wire.call<ChatSurvey>('POST', 'survey', { id, score, comment, repeated }) })
  }

  /** The visitor wants to be asked no more. */
  async stopSurvey(): Promise<void> {
    const id = this.state.survey?.id
    if (!id) return
    await this.wire.call('POST', 'survey', { id, stop: true })
    this.show({ survey: null })
  }

  /** The desk's quick answers. */
  async answers(): Promise<QuickAnswer[]> { return (await this.wire.call<{ answers: QuickAnswer[] }>('GET', 'answers')).answers }

  /** Says whether a quick answer helped. It is counted, and by whom is not known. */
  helped(id: string, yes: boolean): Promise<void> { return this.wire.call('POST', `answers/${encodeURIComponent(id)}`, { helped: yes }) }

  /** The key with which a browser subscribes to be told of answers; ChatError 404 where the desk cannot tell. */
  async pushKey(): Promise<string> { return (await this.wire.call<{ key: string }>('GET', 'push')).key }

  /** Has this browser told of answers while no page is connected: what `PushManager.subscribe` gave; null ends it. */
  push(subscription: PushSubscriptionJSON | null): Promise<void> {
    return subscription ? this.wire.call('POST', 'push', { ...subscription, page: typeof location === 'undefined' ? '' : location.href }) : this.wire.call('DELETE', 'push')
  }

  /** Tells the agents that somebody types; call it on each key. */
  typing(on: boolean): void {
    clearTimeout(this.typingOver)
    if (!on) {
      if (this.typedAt) this.socket?.send({ type: 'typing', on: false })
      this.typedAt = 0
      return
    }
    this.typingOver = setTimeout(() => this.typing(false), TYPING_OVER)
    if (Date.now() - this.typedAt < TYPING_AGAIN) return
    this.typedAt = Date.now()
    this.socket?.send({ type: 'typing', on: true })
  }

  /** Leaves a name or a mail address; begins a session if there is none. */
  async introduce(who: { name?: string; email?: string }): Promise<void> {
    await this.begin()
    this.show({ visitor: await this.wire.call<Visitor>('POST', 'visitor', who) })
    void this.flush()
  }

  /** Signs in the person that the site's server vouches for: now, or where that is to wait, with the first words. */
  async identify(proof: string, wait = false): Promise<void> {
    this.identity = proof
    if (wait && !this.begun) return
    this.drop()
    this.forgetAll()
    await this.begin()
  }

  /** Ends the session and forgets everything in this browser. */
  async leave(): Promise<void> {
    this.identity = ''
    this.drop()
    if (this.wire.token) await this.wire.call('DELETE', 'session').catch(() => undefined) // it is forgotten here in any case
    this.wire.token = ''
    this.pending = []
    this.kept.change((c) => { c.token = ''; c.queue = [] })
    this.forgetAll()
    this.show({ connection: 'idle', visitor: null })
  }

  /** Ends everything that runs; what waits is kept for the next page. */
  close(): void {
    this.closed = true
    this.drop()
    clearTimeout(this.flushAt)
    for (const [at, what, then] of this.ears) at.removeEventListener(what, then)
    this.hearers.clear()
  }

  private show(change: Partial<ChatState>): void {
    const messages = [...this.lines.values()].sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : Date.parse(a.at) - Date.parse(b.at)))
    const known = new Set(messages.map((m) => m.client))
    this.pending = this.pending.filter((p) => !known.has(p.id))
    this.state = { ...this.state, ...change, ready: !this.wire.token || this.seq >= 0, messages, pending: [...this.pending], hasOlder: !!this.older }
    for (const hear of this.hearers) hear(this.state)
  }

  private take(list: ChatMessage[]): void {
    for (const m of list) this.lines.set(m.id, { ...m, files: m.files.map((f) => ({ ...f, url: f.url && new URL(f.url, this.desk).href })) })
  }

  /** An agent has read all that was said up to a moment. */
  private seenTo(at: string): void {
    for (const [id, m] of this.lines) if (!m.ours && !m.seen && Date.parse(m.at) <= Date.parse(at)) this.lines.set(id, { ...m, seen: true })
  }

  private forgetAll(): void {
    this.lines.clear()
    this.seq = -1
    this.older = ''
    this.show({ unread: 0, typing: false, talking: false, survey: null })
  }

  /** Begins or goes on with a session, then connects. */
  private begin(): Promise<void> {
    if (this.wire.token && this.state.visitor && !this.identity) return Promise.resolve()
    this.beginning ??= (async () => {
      try {
        const v = await this.wire.call<Visitor & { token?: string }>('POST', 'session', this.identity ? { identity: this.identity } : {})
        this.identity = '' // proven: the token says it from now on
        if (v.token) {
          this.wire.token = v.token
          this.kept.change((c) => { c.token = v.token! })
        }
        const { token: _, ...visitor } = v
        this.show({ visitor })
      } finally {
        this.beginning = undefined
      }
      this.connect()
    })()
    return this.beginning
  }

  private connect(): void {
    if (this.closed || this.socket || !this.wire.token) {
      if (!this.closed && !this.socket && this.pending.length) void this.flush()
      return
    }
    clearTimeout(this.retryAt)
    if (typeof navigator !== 'undefined' && navigator.onLine === false) return this.show({ connection: 'offline' })
    this.show({ connection: 'connecting' })
    this.socket = this.wire.listen({
      hello: () => {
        this.tries = 0
        this.show({ connection: 'open' })
        void this.sync()
        void this.flush()
      },
      news: () => void this.sync(),
      typing: (on) => {
        clearTimeout(this.heardOver)
        if (on) this.heardOver = setTimeout(() => this.show({ typing: false }), TYPING_HEARD)
        this.show({ typing: on })
      },
      seen: (at) => {
        this.seenTo(at)
        this.show({})
      },
      over: (code) => {
        this.socket = undefined
        if (code === -1) return
        if (code === SESSION_ENDED) return this.ended()
        this.lost(false)
      },
    })
  }

  /** The connection is lost: the next try comes later each time, and meanwhile it is asked without it. */
  private lost(offline: boolean): void {
    this.drop()
    if (!this.wire.token || this.closed) return
    this.show({ connection: offline ? 'offline' : 'waiting', typing: false })
    if (offline) return
    if (this.tries > 1) void this.sync()
    this.later()
  }

  private later(): void {
    clearTimeout(this.retryAt)
    if (this.closed) return
    this.retryAt = setTimeout(() => (this.wire.token && this.state.visitor ? this.connect() : void this.begin().then(() => this.flush(), (e) => (e instanceof ChatError && e.status === 401 ? this.ended() : this.later()))), pause(this.tries++))
  }

  private drop(): void {
    clearTimeout(this.retryAt)
    clearTimeout(this.heardOver)
    this.socket?.close()
    this.socket = undefined
  }

  /** The session has ended elsewhere. What waits is said in a new one. */
  private ended(): void {
    this.drop()
    this.wire.token = ''
    this.kept.change((c) => { c.token = '' })
    this.forgetAll()
    this.show({ connection: 'idle', visitor: null })
    if (this.pending.some((p) => !p.problem)) void this.flush()
  }

  /** Reads what is new; asked again while it runs, it runs once more. */
  private sync(): Promise<void> {
    if (this.syncing) {
      this.again = true
      return this.syncing
    }
    this.syncing = this.ask().catch((e) => {
      if (e instanceof ChatError && e.status === 401) this.ended()
    }).then(() => {
      this.syncing = undefined
      if (!this.again) return
      this.again = false
      return this.sync()
    })
    return this.syncing
  }

  private async ask(): Promise<void> {
    const token = this.wire.token
    const h = await this.wire.call<History>('GET', this.seq < 0 ? 'messages' : `messages?since=${this.seq}`)
    if (token !== this.wire.token) return // it was somebody else's
    if (h.reset) {
      this.lines.clear()
      this.seq = -1
      return this.ask()
    }
    if (this.seq < 0) this.older = h.older
    this.seq = h.seq
    this.take(h.messages)
    if (h.seenTo) this.seenTo(h.seenTo)
    this.show({ unread: h.unread, talking: h.talking, survey: h.survey, typing: this.state.typing && !h.messages.some((m) => m.ours) })
  }

  /** Sends what waits, in its order. */
  private async flush(): Promise<void> {
    clearTimeout(this.flushAt)
    if (this.flushing || this.closed) return
    this.flushing = true
    try {
      for (;;) {
        const p = this.pending.find((one) => !one.accepted && !one.problem)
        if (!p) return
        await this.begin()
        if (this.state.visitor?.needsEmail) return // introduce goes on
        await this.deliver(p)
      }
    } catch (e) {
      if (e instanceof ChatError && e.status < 429 && e.status !== 401) return this.refuse(e.message)
      const wait = e instanceof ChatError ? e.retryAfter * 1000 : 0
      this.flushAt = setTimeout(() => void this.flush(), Math.max(wait, pause(this.tries++)))
      if (this.state.connection === 'idle') this.show({ connection: 'waiting' })
    } finally {
      this.flushing = false
    }
  }

  /** Sends one message. Throws if it is to be tried again. */
  private async deliver(p: Pending): Promise<void> {
    try {
      const files: string[] = []
      for (const [i, f] of p.files.entries()) {
        const bytes = this.files.get(p.id)?.[i]
        if (!f.id && bytes) {
          f.id = (await this.wire.upload(bytes, (sent) => { f.sent = Math.min(sent, f.size); this.show({}) })).id
          f.sent = f.size
          this.keep(p)
          this.show({})
        }
        if (f.id) files.push(f.id)
      }
      const page = typeof location === 'undefined' ? '' : location.origin + location.pathname
      const { visitor } = await this.wire.call<{ visitor?: Visitor }>('POST', 'messages', { id: p.id, text: p.text, files, page, ...p.before })
      if (visitor) this.show({ visitor })
      p.accepted = true
      this.tries = 0
      this.unkeep(p.id)
      this.show({})
      await this.sync()
    } catch (e) {
      if (!(e instanceof ChatError)) throw e
      if (e.status === 401) {
        this.wire.token = ''
        this.kept.change((c) => { c.token = '' })
        this.forgetAll()
        this.show({ visitor: null })
        return // the next turn begins anew
      }
      if (e.status === 429 || e.status >= 500) throw e
      this.pending = this.pending.map((one) => (one.id === p.id ? { ...one, problem: e.message } : one))
      this.show({})
    }
  }

  /** The desk takes nothing from here: all that waits says why. */
  private refuse(problem: string): void {
    this.pending = this.pending.map((p) => (p.accepted ? p : { ...p, problem }))
    this.show({ connection: 'idle' })
  }

  private forget(id: string): void {
    this.pending = this.pending.filter((p) => p.id !== id)
    this.unkeep(id)
    this.show({})
  }

  /** A message is kept for the next page once all its files are with the desk. */
  private keep(p: Pending): void {
    if (p.files.some((f) => !f.id)) return
    const w = { id: p.id, text: p.text, at: p.at, files: p.files.map((f) => ({ name: f.name, size: f.size, id: f.id! })), before: p.before }
    this.kept.change((c) => { c.queue = [...c.queue.filter((q) => q.id !== p.id), w] })
  }

  private unkeep(id: string): void {
    this.files.delete(id)
    this.kept.change((c) => { c.queue = c.queue.filter((q) => q.id !== id) })
  }
}

function newID(): string {
  const b = crypto.getRandomValues(new Uint8Array(16))
  return [...b].map((x) => x.toString(16).padStart(2, '0')).join('')
}

/** Doubling, with chance in it, so that pages do not all come back at one moment. */
function pause(tries: number): number {
  return Math.min(PAUSE * 2 ** Math.min(tries, 6), LONGEST) * (0.5 + Math.random() / 2)
}
