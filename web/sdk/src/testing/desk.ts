// A desk that speaks the protocol of docs/CHAT.md in the test's own process. It can
// be away, cut answers off after it has acted, and refuse.
import type { ChatMessage, ChatSurvey } from '../types'

interface Visitor { token: string; lines: ChatMessage[]; email: string; survey: ChatSurvey | null; talking: boolean }

export class FakeDesk {
  visitors = new Map<string, Visitor>()
  sockets = new Set<FakeSocket>()
  calls: string[] = []
  proofs: string[] = []
  /** Nothing reaches the desk. */
  away = false
  /** So many answers are lost after the desk has acted. */
  lose = 0
  /** Answers instead of acting: status, code, Retry-After. */
  refuse: [status: number, code: string, after?: string][] = []
  needsEmail = false
  quick: { id: string; title: string; body: string }[] = []
  /** Bodies of what was said. */
  said: Record<string, unknown>[] = []
  votes: string[] = []
  /** Browsers that are told, as `token endpoint`. */
  told: string[] = []
  seq = 0
  page = 3
  private log: { seq: number; token: string; id: string }[] = []
  private n = 0

  fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const at = new URL(String(url))
    const path = at.pathname.split('/').slice(3).join('/')
    await Promise.resolve()
    if (this.away) throw new TypeError('fetch failed')
    this.calls.push(`${init.method} ${path}`)
    const no = this.refuse.shift()
    const answer = no ? json({ code: no[1], detail: `in words: ${no[1]}` }, no[0], no[2] ? { 'retry-after': no[2] } : {}) : this.answer(init.method ?? 'GET', path, at.searchParams, init)
    if (this.lose > 0 && init.method === 'POST' && path === 'messages') {
      this.lose--
      throw new TypeError('the answer was lost')
    }
    return answer
  }

  private answer(method: string, path: string, q: URLSearchParams, init: RequestInit): Response {
    const token = new Headers(init.headers).get('authorization')?.slice(7) ?? ''
    let v = this.visitors.get(token)
    const body = (): Record<string, unknown> => JSON.parse(String(init.body)) as Record<string, unknown>
    if (`${method} ${path}` === 'POST session') {
      const is = v
      const { identity } = body() as { identity?: string }
      if (identity) this.proofs.push(identity)
      if (!v) {
        v = { token: `kch_${++this.n}`, lines: [], email: '', survey: null, talking: false }
        this.visitors.set(v.token, v)
      }
      return json({ ...(is ? {} : { token: v.token }), ...this.view(v) })
    }
    if (method === 'GET' && path === 'answers') return json({ answers: this.quick })
    if (method === 'POST' && path.startsWith('answers/')) {
      this.votes.push(`${path.slice(8)} ${String(body().helped)}`)
      return new Response(null, { status: 204 })
    }
    if (!v) return json({ code: 'error.chat.session', detail: 'ended' }, 401)
    switch (`${method} ${path}`) {
      case 'DELETE session':
        this.visitors.delete(token)
        return new Response(null, { status: 204 })
      case 'POST visitor':
        v.email = String(body().email)
        return json(this.view(v))
      case 'POST files':
        return json({ id: `att_${++this.n}`, name: q.get('name') })
      case 'POST read':
        return new Response(null, { status: 204 })
      case 'GET push':
        return json({ key: 'AAAA' })
      case 'POST push':
        this.told.push(`${token} ${String(body().endpoint)}`)
        return new Response(null, { status: 204 })
      case 'POST survey': {
        const { score, comment, repeated, stop } = body() as { score: number; comment: string; repeated: boolean | null; stop?: boolean }
        v.survey = stop ? null : { ...v.survey!, score, comment, repeated, thanks: 'We will do better.' }
        return stop ? new Response(null, { status: 204 }) : json(v.survey)
      }
      case 'POST messages': {
        this.said.push(body())
        v.talking = true
        const { id, text, files } = body() as { id: string; text: string; files: string[] }
        let line = v.lines.find((l) => l.client === id)
        if (!line) line = this.add(v, { client: id, text, ours: false, files: files.map((f) => ({ name: f, type: '', size: 1, url: '' })) })
        return json({ id: line.id, client: id })
      }
      case 'GET messages': {
        const since = q.get('since')
        if (since) {
          const ids = this.log.filter((l) => l.token === token && l.seq > Number(since)).map((l) => l.id)
          return json({ seq: this.seq, messages: v.lines.filter((l) => ids.includes(l.id)), older: '', unread: 0, talking: v.talking, survey: v.survey })
        }
        const end = q.get('before') ? Number(q.get('before')) : v.lines.length
        const begin = Math.max(0, end - this.page)
        return json({ seq: this.seq, messages: v.lines.slice(begin, end), older: begin > 0 ? String(begin) : '', unread: v.lines.filter((l) => l.ours && !l.seen).length, talking: v.talking, survey: v.survey })
      }
    }
    return json({ code: 'error.notFound', detail: 'nothing here' }, 404)
  }

  private view(v: Visitor): object { return { id: `v-${v.token}`, name: '', email: v.email, proven: false, needsEmail: this.needsEmail && !v.email } }

  private add(v: Visitor, l: Partial<ChatMessage>): ChatMessage {
    const line: ChatMessage = { id: `msg_${String(++this.n).padStart(4, '0')}`, ours: true, text: '', at: new Date(1_700_000_000_000 + this.n * 1000).toISOString(), seen: false, files: [], ...l }
    v.lines.push(line)
    this.log.push({ seq: ++this.seq, token: v.token, id: line.id })
    for (const s of this.sockets) if (s.token === v.token) s.say({ type: 'news', on: false })
    return line
  }

  /** The desk answers the visitor of a token. */
  say(token: string, text: string): void { this.add(this.visitors.get(token)!, { text, author: 'Hana' }) }

  /** The desk closes the conversation of a token and asks nothing. */
  close(token: string): void {
    const v = this.visitors.get(token)!
    v.talking = false
    this.seq++
    for (const s of this.sockets) if (s.token === token) s.say({ type: 'news', on: false })
  }

  /** The desk asks the visitor of a token how it went. */
  ask(token: string): void {
    const v = this.visitors.get(token)!
    v.talking = false
    v.survey = { id: 'inv_1', question: 'How was it?', choices: [1, 2, 3, 4, 5].map((score) => ({ score, label: `label ${score}` })), score: 0, comment: '', repeat: { question: 'Again?', yes: 'Yes', no: 'No', left: 'No answer' }, repeated: null, until: '2030-01-01T00:00:00Z', thanks: '', most: 2000 }
    this.seq++
    for (const s of this.sockets) if (s.token === token) s.say({ type: 'news', on: false })
  }

  /** All connections break. */
  cut(code = 1006): void { for (const s of [...this.sockets]) s.end(code) }

  /** The WebSocket to hand to a client. */
  socket(): new (url: string) => WebSocket {
    const desk = this
    return class extends FakeSocket { constructor(url: string) { super(desk, url) } } as unknown as new (url: string) => WebSocket
  }
}

export class FakeSocket {
  readyState = 0
  token = ''
  heard: string[] = []
  onopen: (() => void) | null = null
  onmessage: ((e: { data: string }) => void) | null = null
  onclose: ((e: { code: number }) => void) | null = null
  onerror: (() => void) | null = null

  constructor(private readonly desk: FakeDesk, readonly url: string) {
    queueMicrotask(() => {
      if (desk.away) return this.end(1006)
      this.readyState = 1
      desk.sockets.add(this)
      this.onopen?.()
    })
  }

  send(text: string): void {
    this.heard.push(text)
    const m = JSON.parse(text) as { type: string; token?: string }
    if (m.type === 'hello') {
      if (!this.desk.visitors.has(m.token ?? '')) return this.end(4401)
      this.token = m.token ?? ''
      this.say({ type: 'hello' })
    }
    if (m.type === 'ping') this.say({ type: 'pong' })
  }

  say(m: object): void { queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(m) })) }

  end(code: number): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.desk.sockets.delete(this)
    this.onclose?.({ code })
  }

  close(): void { this.end(1000) }
}

function json(v: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(v), { status, headers: { 'content-type': 'application/json', ...headers } })
}

/** A browser's storage that several pages share. */
export function storage(): Storage {
  const m = new Map<string, string>()
  return {
    getItem: (k: string) => m.get(k) ?? null, setItem: (k: string, v: string) => void m.set(k, v), removeItem: (k: string) => void m.delete(k),
    clear: () => m.clear(), key: () => null, get length() { return m.size },
  }
}
