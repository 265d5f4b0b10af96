// The panel: a conversation with a desk, beside the button that opens it.
import { Chat } from '../sdk/src/chat'
import type { About, ChatPrompt, ChatState } from '../sdk/src/types'
import { composer } from './composer'
import { dress, fill, h, icon } from './dom'
import { Log } from './log'
import type { More, MoreModule } from './more'
import { panelCSS } from './style'
import { forget } from './worker'

const CROSS = 'M6 6l12 12M18 6 6 18'

/** After so long it is asked again whether the desk is open. */
const STALE = 300_000

interface Place {
  desk: string
  inbox: string
  about: About
  root: ShadowRoot
  button: HTMLButtonElement
  identity?: string
  unread(n: number): void
  /** Address of the site's service worker, where it has one for us. */
  worker?: string
  /** Loads what is rarely shown; absent: from the desk. */
  more?(): Promise<MoreModule>
}

/** Puts a closed panel beside its button. */
export function mount(at: Place) {
  const { about, root, button } = at
  const w = about.words
  const chat = new Chat({ desk: at.desk, inbox: at.inbox, lang: about.lang, identity: at.identity })
  let state!: ChatState
  let isOpen = false
  let asked = Date.now()
  let prompted: ChatPrompt | undefined
  let beside: More | undefined
  let loading: Promise<void> | undefined

  dress(root, panelCSS)
  const status = h('p', { class: 'd', role: 'status' })
  const log = new Log(about, { older: () => void older(), retry: (id) => chat.retry(id), discard: (id) => chat.discard(id) })
  const form = composer(about, chat, async () => {
    if (about.form) await loading // words wait for its fields, but not if they cannot be had
    const entered = beside?.entered()
    return entered === false ? false : entered || prompted ? { entered, prompt: prompted?.id } : undefined
  })
  const cross = h('button', { class: 'i', type: 'button', 'aria-label': w.close, onclick: () => close() }, icon(CROSS))
  const title = h('h2', { id: 't' }, fill(w.title, { brand: about.brand }))
  const panel = h('section', { class: 'p', role: 'dialog', 'aria-labelledby': 't', hidden: true, onkeydown: keys }, h('header', {}, h('div', {}, title, status), cross), log.el, form.el)
  button.before(panel)

  chat.subscribe((s) => {
    state = s
    if (prompted && s.messages.some((m) => m.asked === prompted!.text)) prompted = undefined
    log.show(s, prompted?.text)
    form.show(s)
    if (isOpen) stand(s)
    status.textContent = words(s)
    at.unread(isOpen ? 0 : s.unread)
    read()
  })
  log.el.addEventListener('scroll', read)
  document.addEventListener('visibilitychange', read)
  void chat.resume()

  /** What holds now: the connection, somebody typing, or when an answer comes. */
  function words(s: ChatState): string {
    if (s.connection === 'offline') return w.offline ?? ''
    if (s.connection === 'waiting') return w.reconnecting ?? ''
    if (s.typing) return fill(w.typing, { brand: about.brand })
    if (about.open) return about.usual || (w.here ?? '')
    if (!about.opensAt) return w.closed ?? ''
    return fill(w.away, { when: new Intl.DateTimeFormat(about.lang, { weekday: 'short', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }).format(new Date(about.opensAt)) })
  }

  /** What stands between the conversation and the box. It is loaded once it is needed. */
  function stand(s: ChatState): void {
    if (beside) {
      const end = log.atEnd // it takes room from the conversation, whose end stays in sight
      beside.show(s)
      if (end) log.toEnd()
      return
    }
    if (!about.form && !about.answers && !s.survey && (s.talking || !s.messages.length) && !(at.worker && s.messages.length && 'PushManager' in window)) return
    const load = at.more ?? (() => import(/* @vite-ignore */ `${at.desk}/chat/${about.files.more}`) as Promise<MoreModule>)
    loading ??= load().then((m) => {
      beside = m.more({ about, chat, root, worker: at.worker, write: () => form.focus() })
      form.el.before(beside.el)
      beside.show(state)
      log.toEnd()
    }).catch((e) => {
      loading = undefined // the next change tries again
      console.warn('chat:', e)
    })
  }

  function read(): void {
    if (isOpen && !document.hidden && log.atEnd) void chat.markRead()
  }

  async function older(): Promise<void> {
    const keep = log.holdPlace()
    await chat.loadOlder().catch(() => undefined) // the button is still there
    keep()
  }

  function keys(e: KeyboardEvent): void {
    if (e.isComposing || e.keyCode === 229) return
    if (e.key === 'Escape') {
      e.stopPropagation()
      return close()
    }
    if (e.key !== 'Tab' || !matchMedia('(max-width:480px)').matches) return
    // It covers the page: what is behind it is not reached.
    const all = [...panel.querySelectorAll<HTMLElement>('button,textarea,select,input:not([type=file]),a,[tabindex="0"]')].filter((x) => x.offsetParent)
    const edge = e.shiftKey ? all[0] : all[all.length - 1]
    if (root.activeElement !== edge) return
    e.preventDefault()
    ;(e.shiftKey ? all[all.length - 1] : all[0])?.focus()
  }

  function open(by?: ChatPrompt): void {
    if (by) {
      prompted = by
      log.show(state, by.text)
    }
    if (isOpen) return
    isOpen = true
    if (Date.now() - asked > STALE) {
      asked = Date.now()
      void chat.about().then((a) => { Object.assign(about, a); status.textContent = words(state) }, () => undefined) // what was known still stands there
    }
    if (!state.visitor) void chat.resume(true)
    panel.hidden = false
    button.setAttribute('aria-expanded', 'true')
    at.unread(0)
    stand(state)
    log.toEnd()
    form.focus()
    read()
  }

  function close(): void {
    if (!isOpen) return
    isOpen = false
    panel.hidden = true
    button.setAttribute('aria-expanded', 'false')
    at.unread(state.unread)
    button.focus()
  }

  return {
    open,
    close,
    /** Nobody is to be spoken to now. */
    busy: () => isOpen || !state.ready || state.talking || state.pending.length > 0,
    toggle: () => (isOpen ? close() : open()),
    identify: (proof: string) => void chat.identify(proof, !isOpen).catch((e) => console.warn('chat:', e)),
    leave: () => {
      try {
        localStorage.removeItem(`kintsugi.seen.${at.inbox}`)
      } catch {
        // forbidden: then nothing is there
      }
      if (at.worker) void forget(at.worker).catch((e) => console.warn('chat:', e))
      void chat.leave()
    },
  }
}

export type Mount = typeof mount
