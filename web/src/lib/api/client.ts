// One client for the whole application. Every call either returns its data or
// throws a `Fault`, which carries words for the reader and errors by field.
import createClient from 'openapi-fetch'
import { locale, t } from '../i18n/i18n.svelte'
import type { DemoPaths } from './demo'
import type { paths } from './schema'
import type { Problem } from './types'

/** What went wrong, in the reader's language. `status` 0 means that no answer came. */
export class Fault extends Error {
  readonly status: number
  readonly code: string
  /** field name (last part of the location, e.g. "email" or "receive.host") → words */
  readonly fields: Record<string, string>
  constructor(problem: Problem) {
    super(problem.detail || problem.title || t('app.fault.unknown'))
    this.status = problem.status
    this.code = problem.code ?? ''
    this.fields = {}
    for (const e of problem.errors ?? []) {
      const field = (e.location ?? '').replace(/^(body|query|path)\.?/, '')
      if (!(field in this.fields)) this.fields[field] = e.message ?? ''
    }
  }
}

let onSignedOut: () => void = () => {}
/** Called when the server no longer knows the session. */
export const whenSignedOut = (then: () => void): void => void (onSignedOut = then)

let onAway: () => void = () => {}
/** Called when a part of the server is away: it kept nothing of what was sent. */
export const whenAway = (then: () => void): void => void (onAway = then)

const client = createClient<paths & DemoPaths>({ baseUrl: '/api/v1', credentials: 'same-origin', fetch: (request) => globalThis.fetch(request) })
client.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', locale())
    return request
  },
})

/** GET, POST, PUT, PATCH, DELETE of the contract; use together with `ok`. */
export const { GET, POST, PUT, PATCH, DELETE } = client

/** The data of a call, or a Fault. `const { items } = await ok(GET('/tags'))` */
export async function ok<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer: { data?: T; error?: unknown; response: Response }
  try {
    answer = await call
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Fault({ status: 0, code: 'offline', detail: t('app.fault.offline') })
  }
  const { data, error, response } = answer
  if (response.ok) return data as T
  throw fault(response, error)
}

function fault(response: Response, body: unknown): Fault {
  if (response.status === 401) onSignedOut()
  if (response.status === 503) onAway()
  const problem = body && typeof body === 'object' ? (body as Problem) : undefined
  return new Fault({ ...problem, status: response.status, detail: problem?.detail || words(response) })
}

function words(response: Response): string {
  switch (response.status) {
    case 401:
      return t('app.fault.signedOut')
    case 403:
      return t('app.fault.denied')
    case 404:
      return t('app.fault.gone')
    case 409:
      return t('app.fault.stale')
    case 429:
      return t('app.fault.tooMany', { n: Number(response.headers.get('Retry-After')) || 60 })
    case 503:
      return t('app.fault.away')
    default:
      return t('app.fault.unknown')
  }
}

/** Sends one file; `progress` gets 0–1. Multipart, so it stands outside the JSON contract. */
export function upload<T>(path: string, file: File, progress?: (done: number) => void): { done: Promise<T>; stop: () => void } {
  const request = new XMLHttpRequest()
  const done = new Promise<T>((resolve, reject) => {
    request.open('POST', `/api/v1${path}`)
    request.setRequestHeader('Accept-Language', locale())
    request.responseType = 'json'
    request.upload.onprogress = (e) => e.lengthComputable && progress?.(e.loaded / e.total)
    request.onerror = () => reject(new Fault({ status: 0, detail: t('app.fault.offline') }))
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'))
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as T)
      else reject(fault(new Response(null, { status: request.status }), request.response))
    }
    const form = new FormData()
    form.append('file', file, file.name)
    request.send(form)
  })
  return { done, stop: () => request.abort() }
}

/** A key that makes repeating the same write harmless. Works without a secure context, unlike randomUUID. */
export function onceKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

/** Words for anything that was thrown. */
export const wordsOf = (error: unknown): string => (error instanceof Fault ? error.message : t('app.fault.unknown'))
