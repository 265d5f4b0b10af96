// The question how it went: five answers, where it is asked whether something had to
// be explained again, a comment, a button. Nothing is recorded
// before the button; the answer can be changed for a while.
import type { Chat } from '../sdk/src/chat'
import type { ChatSurvey } from '../sdk/src/types'
import { fill, h, icon } from './dom'

const EYES = 'M9 10h.01M15 10h.01M12 22a10 10 0 1 1 0-20 10 10 0 0 1 0 20'
/** Mouths from the worst to the best. */
const FACES = ['M8 17q4-4 8 0', 'M8 16.5q4-2 8 0', 'M8 15.5h8', 'M8 14.5q4 2.5 8 0', 'M8 14q4 5 8 0'].map((mouth) => `${EYES}${mouth}`)

/** Answers to whether something had to be explained again. */
const SAID: Record<string, boolean | undefined> = { yes: true, no: false }

export function rating(w: Record<string, string>, chat: Chat): { el: HTMLElement; show(s: ChatSurvey | null): void } {
  const el = h('form', { class: 'su', hidden: true, novalidate: true, onsubmit: submit })
  const wrong = h('p', { class: 'wrong', role: 'alert', hidden: true })
  const told = h('p', { class: 'd', role: 'status' })
  const box = h('div', {})
  el.append(box, wrong, told)
  let survey: ChatSurvey | null = null
  let looks = ''
  let later = ''

  function say(problem: unknown): void {
    wrong.textContent = problem instanceof TypeError ? (w.lost ?? '') : ((problem as Error | undefined)?.message ?? '')
    wrong.hidden = !problem
  }

  const of = (name: string): HTMLInputElement | null => el.querySelector(`input[name=${name}]:checked`)

  async function submit(e: Event): Promise<void> {
    e.preventDefault()
    const picked = of('score')
    if (!picked) {
      say(new Error(w.surveyPick))
      return el.querySelector('input')?.focus()
    }
    try {
      await chat.answerSurvey(Number(picked.value), el.querySelector('textarea')?.value ?? '', SAID[of('again')?.value ?? ''] ?? null)
      say(undefined)
      el.querySelector('button')?.focus()
    } catch (problem) {
      say(problem)
    }
  }

  function question(s: ChatSurvey): void {
    told.textContent = ''
    const comment = h('textarea', { class: 'v', rows: 2 })
    comment.value = s.comment
    box.replaceChildren(
      h('fieldset', {}, h('legend', {}, s.question), h('div', { class: 'fa' }, ...s.choices.map((c, i) =>
        h('label', {}, h('input', { type: 'radio', name: 'score', value: c.score, checked: c.score === s.score }), icon(FACES[i] ?? EYES), h('span', {}, c.label))))),
      ...(s.repeat ? [h('fieldset', {}, h('legend', {}, s.repeat.question), h('div', { class: 'ag' }, ...(['yes', 'no', 'left'] as const).map((said) =>
        h('label', {}, h('input', { type: 'radio', name: 'again', value: said, checked: s.repeated === (SAID[said] ?? null) }), s.repeat![said]))))] : []),
      h('label', {}, w.surveyComment ?? '', comment),
      h('div', { class: 'l' }, h('button', { class: 's', type: 'submit' }, w.surveySend),
        ...(s.score ? [] : [
          h('button', { class: 'z', type: 'button', onclick: () => { later = s.id; el.hidden = true } }, w.emailLater),
          h('button', { class: 'z', type: 'button', onclick: () => void chat.stopSurvey().catch(say) }, w.surveyStop)])))
  }

  function answered(s: ChatSurvey): void {
    const label = s.choices.find((c) => c.score === s.score)?.label ?? ''
    told.textContent = `${fill(w.surveyAnswered, { answer: label })} ${s.thanks}`
    box.replaceChildren(h('button', { class: 'z', type: 'button', onclick: () => { question(s); box.querySelector<HTMLInputElement>('input:checked')?.focus() } }, w.surveyChange))
  }

  return {
    el,
    show(s) {
      survey = s
      el.hidden = !s || s.id === later
      const now = s ? `${s.id} ${s.score} ${s.repeated} ${!!s.repeat} ${s.comment}` : ''
      if (now === looks) return // what is being entered stays
      looks = now
      if (survey) (survey.score ? answered : question)(survey)
      else box.replaceChildren()
    },
  }
}
