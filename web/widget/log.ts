// What was said, oldest first. An element stays as long as what it shows, so that
// a screen reader hears each message once.
import type { About, ChatFile, ChatMessage, ChatState, Pending } from '../sdk/src/types'
import { fill, h, linked } from './dom'

/** So near the end, in pixels, counts as being there. */
const NEAR = 60

interface Acts { older(): void; retry(id: string): void; discard(id: string): void }

export class Log {
  readonly el: HTMLElement
  private readonly shown = new Map<string, { el: HTMLElement; looks: string }>()
  private readonly older: HTMLButtonElement
  private readonly w: Record<string, string>
  private readonly time: Intl.DateTimeFormat
  private readonly day: Intl.DateTimeFormat

  constructor(private readonly about: About, private readonly acts: Acts) {
    this.w = about.words
    this.time = new Intl.DateTimeFormat(about.lang, { hour: 'numeric', minute: '2-digit' })
    this.day = new Intl.DateTimeFormat(about.lang, { weekday: 'short', month: 'short', day: 'numeric' })
    this.older = h('button', { class: 'z o', type: 'button', hidden: true, onclick: () => acts.older() }, this.w.older)
    this.el = h('div', { class: 'g', role: 'log', 'aria-label': this.w.log, tabindex: 0 }, this.older)
    if (about.greeting) this.el.append(this.first(about.greeting))
  }

  /** Whether the newest message can be seen. */
  get atEnd(): boolean { return this.el.scrollHeight - this.el.scrollTop - this.el.clientHeight < NEAR }

  toEnd(): void { this.el.scrollTop = this.el.scrollHeight }

  /** Keeps what is read in its place while something comes above it. */
  holdPlace(): () => void {
    const fromEnd = this.el.scrollHeight - this.el.scrollTop
    return () => { this.el.scrollTop = this.el.scrollHeight - fromEnd }
  }

  /** Shows what was said; `prompted` is what the page said first and nobody has answered yet. */
  show(s: ChatState, prompted = ''): void {
    const follow = this.atEnd
    const before = this.shown.size
    this.older.hidden = !s.hasOlder
    const gone = new Set(this.shown.keys())
    let after: Element = this.el.children[this.about.greeting ? 1 : 0]!
    const put = (key: string, looks: string, make: () => HTMLElement): void => {
      gone.delete(key)
      let one = this.shown.get(key)
      if (one?.looks !== looks) {
        const el = make()
        one?.el.replaceWith(el)
        one = { el, looks }
        this.shown.set(key, one)
      }
      if (after.nextElementSibling !== one.el) after.after(one.el)
      after = one.el
    }
    let day = ''
    const lastOwn = s.messages.filter((m) => !m.ours).at(-1)?.id
    for (const m of s.messages) {
      const on = this.day.format(new Date(m.at))
      if (on !== day) put(`day ${on}`, on, () => h('div', { class: 'day' }, on))
      day = on
      const last = m.id === lastOwn
      if (m.asked) put(`asked ${m.id}`, m.asked, () => this.first(m.asked!))
      put(m.client ?? m.id, JSON.stringify([m.id, m.text, m.files.map((f) => f.name), m.seen && last, last]), () => this.message(m, last))
    }
    if (prompted) put('prompted', prompted, () => this.first(prompted))
    for (const p of s.pending) put(p.id, JSON.stringify([p, s.connection]), () => this.waiting(p, s))
    for (const key of gone) {
      this.shown.get(key)?.el.remove()
      this.shown.delete(key)
    }
    if (follow && this.shown.size >= before) this.toEnd()
  }

  private first(text: string): HTMLElement { return this.bubble({ ours: true, author: this.about.brand, text, files: [], lang: this.about.lang }) }

  private message(m: ChatMessage, last: boolean): HTMLElement {
    const el = this.bubble(m)
    const state = last ? (m.seen ? this.w.seen : this.w.sent) : ''
    el.append(h('div', { class: 'k' }, h('time', { datetime: m.at }, this.time.format(new Date(m.at))), state ? h('span', {}, state) : null))
    return el
  }

  private waiting(p: Pending, s: ChatState): HTMLElement {
    const el = this.bubble({ ours: false, text: p.text, files: p.files.map((f) => ({ ...f, type: '', url: '' })) })
    const line = h('div', { class: p.problem ? 'k x' : 'k' })
    el.append(line)
    if (p.problem) {
      line.append(h('span', {}, fill(this.w.failed, { reason: p.problem })),
        h('button', { class: 'z', type: 'button', onclick: () => this.acts.retry(p.id) }, this.w.again),
        h('button', { class: 'z', type: 'button', onclick: () => this.acts.discard(p.id) }, this.w.discard))
      return el
    }
    const size = p.files.reduce((n, f) => n + f.size, 0)
    const sent = p.files.reduce((n, f) => n + f.sent, 0)
    if (size && sent < size) line.append(h('progress', { max: size, value: sent, 'aria-label': this.w.sending }))
    const open = s.connection === 'open' || s.connection === 'connecting' || s.connection === 'idle'
    line.append(h('span', {}, p.accepted ? this.w.sent : open ? this.w.sending : this.w.waiting))
    return el
  }

  private bubble(m: Pick<ChatMessage, 'ours' | 'author' | 'text' | 'files' | 'lang'>): HTMLElement {
    return h('div', { class: m.ours ? 'm' : 'm y' },
      m.ours ? h('span', { class: 'a' }, m.author ?? this.about.brand) : h('span', { class: 'h' }, this.w.you),
      m.text ? h('p', { class: 'u', lang: m.lang }, ...linked(m.text)) : null,
      ...m.files.map((f) => this.file(f)))
  }

  private file(f: ChatFile): HTMLElement {
    const name = [h('span', {}, f.name), h('small', {}, size(f.size, this.about.lang))]
    if (!f.url) return h('span', { class: 'f' }, ...name)
    const a = h('a', { class: 'f', href: f.url, target: '_blank', rel: 'noopener noreferrer' })
    if (!/^image\/(png|jpeg|gif|webp)$/.test(f.type)) {
      a.append(...name)
      return a
    }
    // A page whose policy forbids the picture shows its name.
    a.append(h('img', { src: f.url, alt: f.name, loading: 'lazy', onerror: () => a.replaceChildren(...name), onload: () => { if (this.atEnd) this.toEnd() } }))
    return a
  }
}

function size(bytes: number, lang: string): string {
  const [n, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1e3)), 'kilobyte'] : [Math.round(bytes / 1e5) / 10, 'megabyte']
  return new Intl.NumberFormat(lang, { style: 'unit', unit: unit as string }).format(n as number)
}
