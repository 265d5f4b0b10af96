// What is being written in one conversation: kept on the server as a draft, sent
// with ten seconds to think again.
import { DELETE, Fault, GET, POST, PUT, ok, onceKey, upload, wordsOf } from '$lib/api/client'
import type { Addr, Attachment, Draft, Message } from '$lib/api/types'
import { live } from '$lib/api/live.svelte'
import { notices } from '$lib/notice.svelte'
import { session } from '$lib/session.svelte'

export type Mode = 'reply' | 'note'
export interface Upload {
  key: number
  name: string
  size: number
  progress: number
  fault: string
  stop: () => void
  attachment?: Attachment
}

const saveAfter = 1_200
const typingFor = 4_000
/** What a mail server commonly takes; the server's own limit decides. */
export const largestFile = 25 * 1024 * 1024

export class Composer {
  mode = $state<Mode>('reply')
  open = $state(false)
  html = $state('')
  text = $state('')
  to = $state.raw<Addr[]>([])
  cc = $state.raw<Addr[]>([])
  bcc = $state.raw<Addr[]>([])
  showCc = $state(false)
  files = $state<Upload[]>([])
  mentions = $state.raw<string[]>([])
  /** Quick replies below the message; the field for them is open when it is an array. */
  choices = $state.raw<string[]>()
  /** A comment is answered below it, for all to see. */
  openly = $state(false)
  busy = $state(false)
  fault = $state('')
  fields = $state.raw<Record<string, string>>({})
  saved = $state<'no' | 'saving' | 'yes' | 'failed'>('no')
  /** Grows when the text was set from outside, so that the editor takes it over. */
  filled = $state(0)
  replyTo: string | undefined
  private saving: Promise<void> | undefined
  private once = onceKey()
  private timer: ReturnType<typeof setTimeout> | undefined
  private typingTimer: ReturnType<typeof setTimeout> | undefined
  private count = 0
  private dirty = false
  private stored = false
  private closed = false

  constructor(readonly id: string) {}

  readonly empty = $derived(this.text.trim() === '' && this.files.length === 0)
  /** Nothing would be lost. */
  private readonly blank = $derived(this.empty && !this.choices?.length)
  readonly uploading = $derived(this.files.some((f) => !f.attachment && f.fault === ''))

  /** Looks for a draft left on the server; an empty one is none. */
  async restore(): Promise<void> {
    try {
      const draft = await ok(GET('/conversations/{id}/draft', { params: { path: { id: this.id } } }))
      if (draft && !this.closed && !this.dirty && (draft.text || draft.html || draft.attachments?.length || draft.choices?.length)) this.fill(draft)
    } catch (error) {
      if (!(error instanceof Fault && error.status === 404)) this.saved = 'failed'
    }
  }

  /** Takes over a draft: found on the server, or of a message taken back. */
  fill(draft: Draft): void {
    this.mode = draft.kind
    this.html = draft.html || paragraphs(draft.text)
    this.text = draft.text
    this.to = draft.to ?? []
    this.cc = draft.cc ?? []
    this.bcc = draft.bcc ?? []
    this.showCc = this.cc.length + this.bcc.length > 0
    this.files = (draft.attachments ?? []).map((a) => ({ key: ++this.count, name: a.name, size: a.size, progress: 1, fault: '', stop: () => {}, attachment: a }))
    this.choices = draft.choices?.length ? draft.choices : undefined
    this.open = true
    this.stored = true
    this.saved = 'yes'
    this.filled++
  }

  /** Opens as a reply or a note. Recipients already chosen stay. */
  start(mode: Mode, recipients?: { to: Addr[]; cc: Addr[] }, replyTo?: string): void {
    this.mode = mode
    this.open = true
    this.fault = ''
    if (recipients) {
      this.to = recipients.to
      this.cc = recipients.cc
      this.showCc = recipients.cc.length > 0 || this.bcc.length > 0
      this.replyTo = replyTo
    }
  }

  /** Called on every change: tells colleagues and saves after a pause. */
  touched(): void {
    this.dirty = true
    this.saved = 'no'
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.save(), saveAfter)
    if (!this.typingTimer) live.typing(this.id, true)
    clearTimeout(this.typingTimer)
    this.typingTimer = setTimeout(() => this.quiet(), typingFor)
  }

  /** Keeps what is written; one saving after the other. */
  async save(): Promise<void> {
    clearTimeout(this.timer)
    while (this.saving) await this.saving
    if (!this.dirty || this.busy) return
    this.saving = this.keep().finally(() => (this.saving = undefined))
    await this.saving
  }

  /**
   * Takes a message back: `ask` gives its draft, which the server has put above
   * what was begun since. So that is kept first; where it could not be, it is
   * put below here.
   */
  async takeBack(ask: () => Promise<Draft>): Promise<void> {
    await this.save()
    const begun = this.dirty && !this.empty ? { html: this.html || paragraphs(this.text), text: this.text } : undefined
    const draft = await ask()
    this.dirty = false
    if (!begun) return this.fill(draft)
    this.fill({ ...draft, html: (draft.html || paragraphs(draft.text)) + begun.html, text: `${draft.text}\n\n${begun.text}` })
    this.touched()
  }

  private async keep(): Promise<void> {
    this.dirty = false
    try {
      this.saved = 'saving'
      if (this.blank) await this.forget()
      else {
        await ok(PUT('/conversations/{id}/draft', { params: { path: { id: this.id } }, body: this.body() }))
        this.stored = true
      }
      if (!this.dirty) this.saved = 'yes'
    } catch {
      this.dirty = true
      this.saved = 'failed'
      if (!this.closed) this.timer = setTimeout(() => void this.save(), 5_000)
    }
  }

  /** Sends; returns the message, or undefined when it was refused. Repeating after a lost answer sends once. */
  async send(resolve: boolean, inHours = false): Promise<Message | undefined> {
    if (this.busy || this.uploading) return undefined
    clearTimeout(this.timer)
    this.busy = true
    this.fault = ''
    this.fields = {}
    try {
      await this.saving // a draft that arrives after its message would stay behind
      const { kind, html, text, to, cc, bcc, attachmentIds, choices } = this.body()
      const recipients = kind === 'reply' ? { to, cc, bcc, ...(this.replyTo ? { replyTo: this.replyTo } : {}), ...(choices ? { choices } : {}), ...(this.openly ? { public: true } : {}) } : { mentions: this.mentions }
      const message = await ok(
        POST('/conversations/{id}/messages', {
          params: { path: { id: this.id } },
          headers: { 'Idempotency-Key': this.once },
          body: { kind, html, text, attachmentIds, resolve, ...(inHours && { inHours }), ...recipients },
        }),
      )
      this.clear()
      return message
    } catch (error) {
      this.fault = wordsOf(error)
      if (error instanceof Fault) {
        this.fields = error.fields
        // Refused: the corrected message is another one. Unanswered: the same one again.
        if (error.status !== 0) this.once = onceKey()
      }
      return undefined
    } finally {
      this.busy = false
    }
  }

  /** Throws the draft away; the notice gives it back. */
  discard(words: string): void {
    const kept: Draft = { ...this.body(), html: this.html, to: this.to, cc: this.cc, bcc: this.bcc, attachments: this.attachments(), conversationId: this.id, updatedAt: '', version: 0 } as Draft
    const empty = this.blank
    void this.forget().catch((e) => notices.fault(e))
    this.clear()
    if (!empty)
      notices.undoable(words, () => {
        this.fill(kept)
        this.touched()
      })
  }

  /** The page is left: what is written is kept. */
  leave(): void {
    this.closed = true
    this.quiet()
    void this.save()
  }

  attach(list: Iterable<File>): void {
    for (const file of list) {
      const key = ++this.count
      const sending = upload<Attachment>('/attachments', file, (done) => this.edit(key, { progress: done }))
      this.files.push({ key, name: file.name, size: file.size, progress: 0, fault: '', stop: sending.stop })
      sending.done.then(
        (attachment) => {
          this.edit(key, { attachment, progress: 1 })
          this.touched()
        },
        (error) => this.edit(key, { fault: wordsOf(error) }),
      )
    }
  }

  detach(key: number): void {
    this.files.find((f) => f.key === key)?.stop()
    this.files = this.files.filter((f) => f.key !== key)
    this.touched()
  }

  private edit(key: number, change: Partial<Upload>): void {
    const file = this.files.find((f) => f.key === key)
    if (file) Object.assign(file, change)
  }

  private attachments(): Attachment[] {
    return this.files.map((f) => f.attachment).filter((a) => a !== undefined)
  }

  private body() {
    const rich = session.me?.composer !== 'plain' && this.html !== ''
    return {
      kind: this.mode,
      html: rich ? this.html : undefined,
      text: this.text,
      to: this.to,
      cc: this.cc,
      bcc: this.bcc,
      attachmentIds: this.attachments().map((a) => a.id),
      ...(this.choices?.length ? { choices: this.choices } : {}),
    }
  }

  private async forget(): Promise<void> {
    if (!this.stored) return
    this.stored = false
    await ok(DELETE('/conversations/{id}/draft', { params: { path: { id: this.id } } }))
  }

  private clear(): void {
    this.quiet()
    this.once = onceKey()
    this.html = ''
    this.text = ''
    this.bcc = []
    this.files = []
    this.mentions = []
    this.choices = undefined
    this.openly = false
    this.replyTo = undefined
    this.dirty = false
    this.stored = false
    this.open = false
    this.saved = 'no'
    this.filled++
  }

  private quiet(): void {
    if (!this.typingTimer) return
    clearTimeout(this.typingTimer)
    this.typingTimer = undefined
    live.typing(this.id, false)
  }
}

/** Plain text as the simple HTML that the editor reads. */
export function paragraphs(text: string): string {
  const safe = text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]!)
  return safe
    .split(/\n{2,}/)
    .map((p) => `<p>${p.replace(/\n/g, '<br>')}</p>`)
    .join('')
}
