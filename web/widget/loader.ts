// What every page of a company's site loads: a button, and nothing else until it is
// pressed or this browser has begun before. Nothing is stored here.
import { dress, fill, h, icon } from './dom'
import { launcherCSS } from './style'
import type { About } from '../sdk/src/types'
import type { Prompt } from './prompt'
import type { Mount } from './panel'

interface Handle { open(): void; close(): void; identify(proof: string): void; leave(): void }
declare global { interface Window { kintsugiChat?: Handle } }

const BUBBLE = 'M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5Z'

async function start(script: HTMLScriptElement): Promise<void> {
  const { inbox = '', lang: asked, identity, side, push: worker } = script.dataset
  const desk = new URL(script.src).origin
  const lang = /^ja/i.test(asked || document.documentElement.lang || navigator.language) ? 'ja' : 'en'
  let proof = identity
  let panel: Promise<ReturnType<Mount>> | undefined
  let handle: ReturnType<Mount> | undefined
  const r = await fetch(`${desk}/chat/${inbox}/about?lang=${lang}`, { credentials: 'omit' })
  if (!r.ok) return console.warn('chat:', ((await r.json()) as { detail: string }).detail)
  const about = (await r.json()) as About

  const host = h('div', { lang: about.lang })
  const root = host.attachShadow({ mode: 'open' })
  const where = side === 'left' ? 'left' : 'right'
  dress(root, launcherCSS(about, where))
  const badge = h('span', { class: 'n', 'aria-hidden': 'true' })
  const button = h('button', { class: 'b', type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', 'aria-label': about.words.open, onclick: () => void toggle() }, icon(BUBBLE), badge)
  root.append(h('div', { class: where === 'left' ? 'w' : 'r' }, button))

  const load = (): NonNullable<typeof panel> =>
    (panel ??= (import(/* @vite-ignore */ `${desk}/chat/${about.files.panel}`) as Promise<{ mount: Mount }>).then((m) =>
      (handle = m.mount({
        desk, inbox, about, root, button, worker, identity: proof,
        unread(n) {
          badge.textContent = n ? String(Math.min(n, 99)) : ''
          button.setAttribute('aria-label', n ? fill(about.words.openUnread, { n }) : about.words.open ?? '')
        },
      })),
    ))
  const toggle = async (): Promise<void> => (await load()).toggle()
  window.kintsugiChat = {
    open: () => void load().then((p) => p.open()),
    close: () => void panel?.then((p) => p.close()),
    identify(next) {
      proof = next
      void panel?.then((p) => p.identify(next))
    },
    leave: () => void load().then((p) => p.leave()),
  }
  document.body.append(host)
  let begun = false
  try {
    begun = localStorage.getItem(`kintsugi.chat.${inbox}`) !== null
  } catch {
    // a page may be forbidden to keep anything: then nothing was begun
  }
  if (begun) void load()
  if (about.prompts.length) {
    const { prompt } = (await import(/* @vite-ignore */ `${desk}/chat/${about.files.prompt}`)) as { prompt: Prompt }
    prompt({ about, root, button, begun, kept: `kintsugi.seen.${inbox}`, busy: () => (handle ? handle.busy() : begun), accept: (i) => void load().then((p) => p.open(i)) })
  }
}

const script = document.currentScript as HTMLScriptElement | null
if (script && !window.kintsugiChat) {
  const run = (): void => void start(script).catch((e) => console.warn('chat:', e))
  if (document.body) run()
  else document.addEventListener('DOMContentLoaded', run)
}
