// The offer to tell this browser of answers while no page is open. It is made where
// the site has a service worker for it, once somebody has written, and asks for
// nothing before it is accepted.
import type { Chat } from '../sdk/src/chat'
import { h } from './dom'
import { accepted, place } from './worker'

/** Bytes of a key in base64 for addresses. */
function bytes(key: string): Uint8Array<ArrayBuffer> {
  const raw = atob(key.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(raw, (c) => c.charCodeAt(0))
}

export function notifier(w: Record<string, string>, chat: Chat, worker = ''): { el: HTMLElement; show(on: boolean, who?: string): void } {
  const told = h('p', { class: 'd', role: 'status' })
  const ask = h('div', { class: 'l' }, h('button', { class: 's', type: 'button', onclick: () => void yes() }, w.pushYes), h('button', { class: 'z', type: 'button', onclick: () => { later = true; el.hidden = true } }, w.emailLater))
  const why = h('p', { class: 'at' }, w.pushAsk)
  const el = h('section', { class: 'pu', 'aria-label': w.pushYes, hidden: true }, why, ask, told)
  const able = !!worker && 'PushManager' in window && 'serviceWorker' in navigator && 'Notification' in window
  let later = !able || Notification.permission === 'denied'
  let wanted = false
  let has = false
  let asked = ''

  async function yes(): Promise<void> {
    try {
      const { script, scope } = place(worker)
      const at = await navigator.serviceWorker.register(script, { scope })
      await ready(at)
      await subscribe(at)
      told.textContent = w.pushDone ?? ''
    } catch (e) {
      told.textContent = (Notification.permission === 'denied' ? w.pushDenied : w.pushFailed) ?? ''
      console.warn('chat:', e)
    }
    ask.hidden = why.hidden = true
  }

  /** Has the desk tell this browser, in the session of now. */
  async function subscribe(at: ServiceWorkerRegistration): Promise<void> {
    const options = { userVisibleOnly: true, applicationServerKey: bytes(await chat.pushKey()) }
    const got = await at.pushManager.subscribe(options).catch(async (e) => {
      const old = await at.pushManager.getSubscription()
      if (!old) throw e
      await old.unsubscribe() // the desk had another key
      return at.pushManager.subscribe(options)
    })
    await chat.push(got.toJSON())
  }

  /** Who has accepted before is not asked again, and told in a new session, too. */
  async function again(): Promise<void> {
    const was = await accepted(worker)
    has = !!was
    ask.hidden = why.hidden = false
    told.textContent = ''
    look()
    if (was) await subscribe(was.at)
  }

  const look = (): void => { el.hidden = later || has || !wanted }

  return {
    el,
    show(on, who = '') {
      wanted = on
      look()
      if (!on || later || asked === who) return
      asked = who
      again().catch((e) => console.warn('chat:', e))
    },
  }
}

/** Waits until a worker runs, at most ten seconds. */
function ready(at: ServiceWorkerRegistration): Promise<void> {
  return new Promise((done, fail) => {
    const w = at.active ?? at.waiting ?? at.installing
    if (!w || w.state === 'activated') return done()
    const late = setTimeout(() => fail(new Error('the worker did not start')), 10_000)
    w.addEventListener('statechange', () => {
      if (w.state !== 'activated') return
      clearTimeout(late)
      done()
    })
  })
}
