// The offer to tell this browser of answers while no page is open. It is made where
// the site has a service worker for it, once somebody has written, and asks for
// nothing before it is accepted.
import type { Chat } from '../sdk/src/chat'
import { h } from './dom'

/** Bytes of a key in base64 for addresses. */
function bytes(key: string): Uint8Array<ArrayBuffer> {
  const raw = atob(key.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(raw, (c) => c.charCodeAt(0))
}

export function notifier(w: Record<string, string>, chat: Chat, worker?: string): { el: HTMLElement; show(on: boolean): void } {
  const told = h('p', { class: 'd', role: 'status' })
  const ask = h('div', { class: 'l' }, h('button', { class: 's', type: 'button', onclick: () => void yes() }, w.pushYes), h('button', { class: 'z', type: 'button', onclick: () => { over = true; el.hidden = true } }, w.emailLater))
  const why = h('p', { class: 'at' }, w.pushAsk)
  const el = h('section', { class: 'pu', 'aria-label': w.pushYes, hidden: true }, why, ask, told)
  const able = !!worker && 'PushManager' in window && 'serviceWorker' in navigator && 'Notification' in window
  let over = !able || Notification.permission === 'denied'
  let asked = false

  /** A scope of its own, so that no other worker of the site is touched. */
  const place = (): { script: string; scope: string } => {
    const script = new URL(worker!, location.href)
    return { script: script.href, scope: new URL('kintsugi-push/', script).href }
  }

  async function yes(): Promise<void> {
    try {
      const key = await chat.pushKey()
      const { script, scope } = place()
      const at = await navigator.serviceWorker.register(script, { scope })
      await ready(at)
      const got = await at.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) })
      await chat.push(got.toJSON())
      told.textContent = w.pushDone ?? ''
    } catch (e) {
      told.textContent = (Notification.permission === 'denied' ? w.pushDenied : w.pushFailed) ?? ''
      console.warn('chat:', e)
    }
    ask.hidden = why.hidden = true
  }

  return {
    el,
    show(on) {
      el.hidden = over || !on
      if (el.hidden || asked) return
      asked = true
      // Who has accepted before is not asked again.
      void navigator.serviceWorker.getRegistration(place().scope).then((r) => r?.pushManager.getSubscription()).then((s) => {
        if (!s) return
        over = el.hidden = true
      }, () => undefined)
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
