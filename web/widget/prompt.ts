// What a page may say first. The page itself looks whether a rule holds: nothing is
// told to the desk, and nothing is kept before the visitor has begun.
import { dress, h, icon } from './dom'
import type { About, ChatPrompt } from '../sdk/src/types'

interface Kept { pages: number; shown: Record<string, number> }

interface Place {
  about: About
  root: ShadowRoot
  button: HTMLElement
  /** This browser has written before: then, and only then, something is kept. */
  begun: boolean
  kept: string
  busy(): boolean
  accept(i: ChatPrompt): void
}

const DAY = 86_400_000
const TICK = 1000
const CROSS = 'M6 6l12 12M18 6 6 18'

/** Whether the address of a page has a pattern in it; * stands for anything. The work is in proportion to the address. */
export function onPage(pattern: string, url: string): boolean {
  let at = 0
  for (const part of pattern.split('*')) {
    const found = url.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return true
}

/** What is known of a visitor on a page. */
export interface Sight { url: string; seconds: number; pages: number; scroll: number; returning: boolean; now: number; shown: Record<string, number> }

/** Whether a prompt is to come now. */
export function holds(i: ChatPrompt, s: Sight): boolean {
  const last = s.shown[i.id]
  return onPage(i.page ?? '', s.url) && s.seconds >= (i.after ?? 0) && s.pages >= (i.pages ?? 0) && s.scroll >= (i.scroll ?? 0)
    && (!i.returning || s.returning) && (last === undefined || (!!i.days && s.now - last >= i.days * DAY))
}

export function prompt(at: Place): void {
  const { about, root } = at
  dress(root, css)
  const region = h('div', { class: 'iv', role: 'status' })
  at.button.before(region)
  const known = read(at)
  let url = ''
  let since = 0
  let scroll = 0
  const address = (): string => location.origin + location.pathname + location.search
  const depth = (): number => {
    const all = document.documentElement.scrollHeight - innerHeight
    return all > 0 ? Math.min(100, Math.round((scrollY / all) * 100)) : 100
  }
  if (!at.begun && document.referrer.startsWith(location.origin + '/')) known.pages++ // somebody came here from another page of the site

  const timer = setInterval(look, TICK)
  look()

  function look(): void {
    if (address() !== url) {
      url = address()
      since = Date.now()
      scroll = 0
      known.pages++
      keep()
    }
    scroll = Math.max(scroll, depth())
    if (document.hidden || at.busy()) return
    const sight: Sight = { url, seconds: (Date.now() - since) / 1000, pages: known.pages, scroll, returning: at.begun, now: Date.now(), shown: known.shown }
    const one = about.prompts.find((i) => holds(i, sight))
    if (one) show(one)
  }

  /** One is enough for a page. It takes no focus, and is said by a screen reader when there is a pause. */
  function show(i: ChatPrompt): void {
    clearInterval(timer)
    known.shown[i.id] = Date.now()
    keep()
    const gone = (): void => region.replaceChildren()
    region.append(
      h('div', { class: 'ib' }, h('span', { class: 'ia' }, about.brand), h('p', {}, i.text),
        h('button', { type: 'button', class: 'ig', onclick: () => { gone(); at.accept(i) } }, about.words.reply)),
      h('button', { type: 'button', class: 'ic', 'aria-label': about.words.promptClose, onclick: () => { gone(); at.button.focus() } }, icon(CROSS)))
    const watch = setInterval(() => { if (at.busy()) { gone(); clearInterval(watch) } }, TICK) // who opens the chat by themselves has answered
  }

  function keep(): void {
    if (!at.begun) return
    try {
      localStorage.setItem(at.kept, JSON.stringify(known))
    } catch {
      // full or forbidden: it holds as long as the page is open
    }
  }
}

function read(at: Place): Kept {
  try {
    const k = JSON.parse((at.begun && localStorage.getItem(at.kept)) || '{}') as Partial<Kept>
    return { pages: k.pages ?? 0, shown: k.shown ?? {} }
  } catch {
    return { pages: 0, shown: {} }
  }
}

const css = `
.iv{position:absolute;bottom:72px;width:min(320px,calc(100vw - 32px))}
.r .iv{right:0}.w .iv{left:0}
.iv:empty{display:none}
.ib{background:#fff;color:#1b1d22;border:1px solid #dfe2e7;border-radius:12px;padding:12px 44px 12px 16px;box-shadow:0 4px 16px #0003;overflow-wrap:anywhere}
.ib p{margin:0 0 8px;white-space:pre-wrap}
.ia{font-size:12px;color:#555a64}
.ig{all:unset;box-sizing:border-box;cursor:pointer;background:var(--c);color:var(--i);border-radius:6px;min-height:36px;padding:6px 14px;font-weight:600}
.ic{all:unset;box-sizing:border-box;position:absolute;top:4px;right:4px;width:36px;height:36px;display:grid;place-items:center;cursor:pointer;color:#555a64}
.ig:focus-visible,.ic:focus-visible{outline:2px solid var(--l);outline-offset:2px}
@media(prefers-color-scheme:dark){.ib{background:#1d1f23;color:#eceef1;border-color:#3c4048}.ia,.ic{color:#b3b8c1}}
@media(forced-colors:active){.ig{border:1px solid}}`

export type Prompt = typeof prompt
