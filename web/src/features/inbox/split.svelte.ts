// How the panes share the window.
import { MediaQuery } from 'svelte/reactivity'

const narrowest = 280
const widest = 480
const place = 'kintsugi.list'

export class Split {
  listWidth = $state(Math.min(widest, Math.max(narrowest, Number(localStorage.getItem(place)) || 360)))
  private readonly broad = new MediaQuery('(min-width: 900px)')
  private readonly roomy = new MediaQuery('(min-width: 1280px)')
  private wanted = $state(localStorage.getItem('kintsugi.panel') !== 'closed')
  /** Pulled out over the thread, where there is no room beside it. */
  panelOver = $state(false)

  get wide(): boolean {
    return this.broad.current
  }
  readonly panelBeside = $derived(this.roomy.current && this.wanted)
  readonly panelShown = $derived(this.panelBeside || this.panelOver)

  togglePanel(): void {
    if (!this.roomy.current) {
      this.panelOver = !this.panelOver
      return
    }
    this.wanted = !this.wanted
    keep('kintsugi.panel', this.wanted ? 'open' : 'closed')
  }

  resize(width: number): void {
    this.listWidth = Math.round(Math.min(widest, Math.max(narrowest, width)))
    keep(place, String(this.listWidth))
  }

  drag(e: PointerEvent): void {
    const from = e.clientX
    const start = this.listWidth
    const handle = e.currentTarget as HTMLElement
    handle.setPointerCapture(e.pointerId)
    const move = (m: PointerEvent) => this.resize(start + m.clientX - from)
    handle.addEventListener('pointermove', move)
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), { once: true })
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // Private mode: kept until the page is left.
  }
}
