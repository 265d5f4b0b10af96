// Requests and the WebSocket, without any state of a conversation.
import { ChatError, type Options } from './types'

const BASE = '/chat/'
/** How long a request may take, and an upload. */
const REQUEST = 20_000
const PING = 30_000
const PONG = 10_000

export class Wire {
  token = ''
  constructor(private readonly o: Options) {}

  private url(path: string): string {
    const at = new URL(`${BASE}${this.o.inbox}/${path}`, this.o.desk)
    if (this.o.lang) at.searchParams.set('lang', this.o.lang)
    return at.href
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const stop = new AbortController()
    const late = setTimeout(() => stop.abort(), REQUEST)
    try {
      const headers: Record<string, string> = {}
      if (this.token) headers.authorization = `Bearer ${this.token}`
      if (body !== undefined) headers['content-type'] = 'application/json'
      const run = this.o.fetch ?? fetch
      const r = await run(this.url(path), { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'omit', signal: stop.signal })
      if (!r.ok) throw refusal(r.status, await r.text(), r.headers.get('retry-after'))
      return (r.status === 204 ? undefined : await r.json()) as T
    } finally {
      clearTimeout(late)
    }
  }

  /** Sends a file and tells how much of it is gone. fetch cannot tell, so this is the older interface where there is one. */
  upload(file: File, progress: (sent: number) => void): Promise<{ id: string }> {
    const url = this.url(`files?name=${encodeURIComponent(file.name)}`)
    const token = this.token
    if (typeof XMLHttpRequest === 'undefined' || this.o.fetch) {
      const run = this.o.fetch ?? fetch
      return run(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: file, credentials: 'omit' }).then(async (r) => {
        if (!r.ok) throw refusal(r.status, await r.text(), r.headers.get('retry-after'))
        return (await r.json()) as { id: string }
      })
    }
    return new Promise((done, fail) => {
      const x = new XMLHttpRequest()
      x.open('POST', url)
      x.setRequestHeader('authorization', `Bearer ${token}`)
      x.upload.onprogress = (e) => progress(e.loaded)
      x.onerror = x.onabort = () => fail(new TypeError('the connection was lost'))
      x.onload = () => (x.status < 300 ? done(JSON.parse(x.responseText) as { id: string }) : fail(refusal(x.status, x.responseText, x.getResponseHeader('retry-after'))))
      x.send(file)
    })
  }

  /** Opens the WebSocket and says hello. `over` is called once, whatever happens. */
  listen(on: { hello(): void; news(): void; typing(on: boolean): void; seen(at: string): void; over(code: number): void }): { send(m: unknown): void; close(): void } {
    const Socket = this.o.WebSocket ?? WebSocket
    const at = new URL(`${BASE}${this.o.inbox}/live`, this.o.desk)
    at.protocol = at.protocol.replace('http', 'ws')
    const s = new Socket(at.href)
    let done = false
    let beat: ReturnType<typeof setInterval> | undefined
    let silence: ReturnType<typeof setTimeout> | undefined
    const send = (m: unknown): void => { if (s.readyState === 1) s.send(JSON.stringify(m)) }
    const over = (code: number): void => {
      if (done) return
      done = true
      clearInterval(beat)
      clearTimeout(silence)
      s.close()
      on.over(code)
    }
    s.onopen = () => {
      send({ type: 'hello', token: this.token })
      beat = setInterval(() => {
        send({ type: 'ping' })
        silence ??= setTimeout(() => over(0), PONG) // a connection that died without a word
      }, PING)
    }
    s.onmessage = (e) => {
      clearTimeout(silence)
      silence = undefined
      const m = JSON.parse(String(e.data)) as { type: string; on: boolean; at?: string }
      if (m.type === 'hello') on.hello()
      else if (m.type === 'news') on.news()
      else if (m.type === 'typing') on.typing(m.on)
      else if (m.type === 'seen' && m.at) on.seen(m.at)
    }
    s.onclose = (e) => over(e.code)
    s.onerror = () => over(0)
    return { send, close: () => over(-1) }
  }
}

function refusal(status: number, text: string, after: string | null): ChatError {
  try {
    const p = JSON.parse(text) as { code: string; detail: string }
    return new ChatError(status, p.code, p.detail, Number(after ?? 0))
  } catch {
    return new ChatError(status, '', text || String(status), Number(after ?? 0))
  }
}
