// What stands between the conversation and the box to write in: fields before the
// first words, quick answers, a question about how it went. It is loaded when one
// of them is to be shown.
import type { Chat } from '../sdk/src/chat'
import type { About, ChatState, Preamble } from '../sdk/src/types'
import { finder } from './answers'
import { dress, h } from './dom'
import { fields } from './fields'
import { moreCSS } from './more.css'
import { notifier } from './notify'
import { rating } from './rating'

export interface More {
  el: HTMLElement
  show(s: ChatState): void
  /** What goes with first words; false: something is missing, and has the focus. */
  entered(): Preamble['entered'] | false
}

/** Whether who writes has answered all before: nobody is asked for a name twice. */
function answered(form: NonNullable<About['form']>, who: ChatState['visitor']): boolean {
  if (!who) return false
  if (form.unknown) return who.name !== '' || who.email !== ''
  return form.fields.every((f) => (f.type === 'name' && who.name !== '') || (f.type === 'email' && who.email !== ''))
}

/** Makes the parts. `write` leads to the box. */
export function more(at: { about: About; chat: Chat; root: ShadowRoot; worker?: string; write(): void }): More {
  dress(at.root, moreCSS)
  const find = finder(at.about, at.chat, at.write)
  const ask = fields(at.about)
  const rate = rating(at.about.words, at.chat)
  const tell = notifier(at.about.words, at.chat, at.worker)
  const ended = h('p', { class: 'en', hidden: true }, at.about.words.ended)
  return {
    el: h('div', { class: 'mo' }, find.el, rate.el, tell.el, ended, ask.el),
    show(s) {
      const fresh = s.ready && !s.talking && s.pending.length === 0
      find.show(fresh && s.messages.length === 0 && at.about.answers > 0)
      // Who is being asked how it went, or has just said, is asked nothing else.
      ask.show(fresh && !s.survey && !!at.about.form && !answered(at.about.form, s.visitor))
      rate.show(s.survey)
      // Fields that come back would else look as if the words above were lost.
      ended.hidden = !fresh || s.messages.length === 0 || !!s.survey
      tell.show(s.ready && s.messages.length > 0 && !s.survey, s.visitor?.id)
    },
    entered: () => ask.entered(),
  }
}

export type MoreModule = { more: typeof more }
