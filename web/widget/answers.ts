// Quick answers, found while somebody types. They are few, so the page has them
// all, and nobody hears what was looked for.
import type { Chat } from '../sdk/src/chat'
import type { About, QuickAnswer } from '../sdk/src/types'
import { h, linked } from './dom'

/** Folded as people type: width, case, and katakana as hiragana. */
const fold = (s: string): string => s.normalize('NFKC').toLowerCase().replace(/[\u30a1-\u30f6]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0x60))

export function found(list: readonly QuickAnswer[], typed: string): QuickAnswer[] {
  const words = fold(typed).split(/\s+/).filter(Boolean)
  const hits = list.map((a) => ({ a, title: fold(a.title), all: `${fold(a.title)} ${fold(a.body)}` })).filter((x) => words.every((v) => x.all.includes(v)))
  const inTitle = (x: { title: string }): number => (words.some((v) => x.title.includes(v)) ? 0 : 1)
  return hits.sort((x, y) => inTitle(x) - inTitle(y)).map((x) => x.a)
}

export function finder(about: About, chat: Chat, write: () => void): { el: HTMLElement; show(on: boolean): void } {
  const w = about.words
  let all: QuickAnswer[] | undefined
  let last: HTMLElement | undefined
  const search = h('input', { class: 'v', type: 'search', oninput: draw, 'aria-label': w.answersFind, placeholder: w.answersFind })
  const none = h('p', { class: 'd', role: 'status' })
  const list = h('ul', {})
  const body = h('div', { class: 'ab', hidden: true, tabindex: -1 })
  const el = h('section', { class: 'an', 'aria-label': w.answers, hidden: true }, h('h3', {}, w.answers), search, none, list, body)

  function draw(): void {
    const hits = found(all ?? [], search.value)
    none.textContent = all && hits.length === 0 ? (w.answersNone ?? '') : ''
    list.replaceChildren(...hits.map((a) => h('li', {}, h('button', { class: 'z', type: 'button', onclick: (e: MouseEvent) => { last = e.currentTarget as HTMLElement; read(a) } }, a.title))))
  }

  function turn(reading: boolean): void {
    body.hidden = !reading
    search.hidden = list.hidden = none.hidden = reading
  }

  function read(a: QuickAnswer): void {
    const asked = h('div', { class: 'l', role: 'group', 'aria-label': w.answersHelped }, h('span', {}, w.answersHelped),
      h('button', { class: 'z', type: 'button', onclick: () => say(true) }, w.answersYes), h('button', { class: 'z', type: 'button', onclick: () => say(false) }, w.answersNo))
    const told = h('p', { class: 'd', role: 'status' })
    const say = (yes: boolean): void => {
      void chat.helped(a.id, yes).catch(() => undefined) // a vote that is lost is no matter of the visitor's
      asked.hidden = true
      told.textContent = (yes ? w.answersThanks : w.answersWrite) ?? ''
      if (!yes) write()
    }
    body.replaceChildren(h('button', { class: 'z', type: 'button', onclick: () => { turn(false); last?.focus() } }, w.answersBack), h('h4', {}, a.title), h('p', { class: 'at' }, ...linked(a.body)), asked, told)
    turn(true)
    body.focus()
  }

  return {
    el,
    show(on) {
      el.hidden = !on
      if (!on || all) return
      all = []
      void chat.answers().then((got) => { all = got; draw() }, () => { el.hidden = true; all = undefined })
    },
  }
}
