// Where a visitor writes: words, files, and a mail address where one is asked for.
import type { Chat } from '../sdk/src/chat'
import type { About, ChatState, Preamble } from '../sdk/src/types'
import { fill, h, icon } from './dom'

const CLIP = 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.5 8.5a1.8 1.8 0 0 1-2.5-2.5L14 8'
const CROSS = 'M6 6l12 12M18 6 6 18'

export function composer(about: About, chat: Chat, before: () => Promise<Preamble | false | undefined>): { el: HTMLElement; show(s: ChatState): void; focus(): void } {
  const w = about.words
  let files: File[] = []
  let asked = about.email // for a mail address, before anything can be written
  let later = false // somebody does not want to leave one now
  let going = false // it is looked whether something is to be entered first
  const wrong = h('p', { class: 'wrong', role: 'alert', hidden: true })
  const chips = h('div', { class: 'c' })
  const text = h('textarea', { rows: 1, placeholder: w.write, enterkeyhint: 'enter', oninput: typed, onkeydown: key, onpaste: pasted })
  const picker = h('input', { type: 'file', multiple: true, class: 'h', tabindex: -1, 'aria-label': w.attach, onchange: () => { add(picker.files); picker.value = '' } })
  const words = h('form', { class: 'l', onsubmit: submit },
    h('button', { class: 'i', type: 'button', 'aria-label': w.attach, onclick: () => picker.click() }, icon(CLIP)), picker,
    h('label', { class: 't' }, h('span', { class: 'h' }, w.write), text),
    h('button', { class: 's', type: 'submit' }, w.send))
  const email = h('input', { class: 'v', type: 'email', autocomplete: 'email', required: true, maxlength: 254 })
  const why = h('p', {})
  const told = h('p', { class: 'd', role: 'status' })
  const no = h('button', { class: 'z', type: 'button', onclick: () => { later = true; mail.hidden = true; text.focus() } }, w.emailLater)
  const mail = h('form', { class: 'e', hidden: !asked, onsubmit: leaveEmail },
    why, h('label', {}, w.email ?? '', email), h('button', { class: 's', type: 'submit' }, w.emailSave), no)
  const el = h('div', { class: 'q', ondragover: (e: DragEvent) => e.preventDefault(), ondrop: (e: DragEvent) => { e.preventDefault(); add(e.dataTransfer?.files) } }, mail, told, wrong, chips, words)

  function say(problem: string): void {
    wrong.textContent = problem
    wrong.hidden = !problem
  }

  function typed(): void {
    text.rows = 1
    text.rows = Math.min(5, Math.max(1, Math.round((text.scrollHeight - 16) / 24)))
    chat.typing(text.value !== '')
    say('')
  }

  // Enter sends where there are keys; while Japanese is being composed it belongs to
  // the composition, which Safari says by the code 229 alone.
  function key(e: KeyboardEvent): void {
    if (e.key !== 'Enter' || e.shiftKey || e.isComposing || e.keyCode === 229 || matchMedia('(pointer:coarse)').matches) return
    e.preventDefault()
    words.requestSubmit()
  }

  function pasted(e: ClipboardEvent): void {
    if (!e.clipboardData?.files.length) return
    e.preventDefault()
    add(e.clipboardData.files)
  }

  function add(list: FileList | null | undefined): void {
    say('')
    for (const f of list ?? []) {
      if (f.size > about.maxFile) say(fill(w.large, { name: f.name, max: about.maxFile >> 20 }))
      else if (files.length >= about.maxFiles) say(fill(w.many, { max: about.maxFiles }))
      else files.push(f)
    }
    pieces()
  }

  function pieces(): void {
    chips.replaceChildren(...files.map((f) => h('span', {}, f.name, h('button', { class: 'i', type: 'button', 'aria-label': fill(w.remove, { name: f.name }), onclick: () => { files = files.filter((o) => o !== f); pieces(); text.focus() } }, icon(CROSS)))))
  }

  async function submit(e: Event): Promise<void> {
    e.preventDefault()
    if (going) return
    const count = [...text.value.trim()].length
    if (count > about.maxText) return say(fill(w.long, { count, max: about.maxText }))
    if (!text.value.trim() && !files.length) return
    going = true
    const first = await before()
    going = false
    if (first === false || !chat.send(text.value, files, first)) return
    files = []
    text.value = ''
    pieces()
    typed()
    text.focus()
  }

  async function leaveEmail(e: Event): Promise<void> {
    e.preventDefault()
    try {
      await chat.introduce({ email: email.value.trim() })
      say('')
      told.textContent = fill(w.emailSaved, { email: email.value.trim() })
      text.focus()
    } catch (problem) {
      say(problem instanceof TypeError ? (w.lost ?? '') : (problem as Error).message)
    }
  }

  return {
    el,
    show(s) {
      asked = s.visitor ? s.visitor.needsEmail : about.email
      words.hidden = asked
      const left = s.visitor?.email ?? ''
      const offer = about.mail && !left && !later && !s.visitor?.proven && s.messages.length > 0
      no.hidden = asked
      why.textContent = (asked ? w.emailFirst : w.emailAsk) ?? ''
      mail.hidden = !asked && !offer
    },
    focus: () => (asked ? email : text).focus(),
  }
}
