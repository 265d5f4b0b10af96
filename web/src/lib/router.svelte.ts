// History router: the address is the state. Ordinary <a href> links work; a
// click on one is taken over here, so no link component is needed.

class Router {
  path = $state(location.pathname)
  query = $state.raw(new URLSearchParams(location.search))
  private guards = new Set<() => void>()

  /** Goes to an address of the application. `replace` leaves no step back. */
  go(to: string, options: { replace?: boolean } = {}): void {
    const url = new URL(to, location.href)
    if (url.href === location.href) return
    for (const tell of this.guards) tell()
    history[options.replace ? 'replaceState' : 'pushState'](null, '', url)
    this.read()
  }

  /** Same page, other query; empty values leave. */
  ask(change: Record<string, string | null | undefined>, options: { replace?: boolean } = {}): void {
    const next = new URLSearchParams(this.query)
    for (const [name, value] of Object.entries(change)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    const text = next.toString()
    this.go(this.path + (text ? `?${text}` : ''), options)
  }

  /** Told before every move (drafts are saved then). Returns the way out. */
  beforeLeaving(tell: () => void): () => void {
    this.guards.add(tell)
    return () => this.guards.delete(tell)
  }

  start(): void {
    addEventListener('popstate', () => {
      for (const tell of this.guards) tell()
      this.read()
    })
    document.addEventListener('click', (e) => {
      const to = ours(e)
      if (to === undefined) return
      e.preventDefault()
      this.go(to)
    })
  }

  private read(): void {
    this.path = location.pathname
    this.query = new URLSearchParams(location.search)
  }
}

/** Addresses that the server answers itself. */
const foreign = /^\/(api\/|s\/|docs|openapi|metrics|healthz|readyz)/

function ours(e: MouseEvent): string | undefined {
  if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return undefined
  const link = e.target instanceof Element ? e.target.closest('a') : null
  if (!link?.href || link.target || link.hasAttribute('download')) return undefined
  const url = new URL(link.href)
  if (url.origin !== location.origin || foreign.test(url.pathname)) return undefined
  return url.pathname + url.search + url.hash
}

export const router = new Router()

/** "/cases/:id" against "/cases/case_1" → { id: "case_1" }; undefined when it does not fit. A "?" marks an optional part. */
export function fit(pattern: string, path: string): Record<string, string> | undefined {
  const want = pattern.split('/').filter(Boolean)
  const have = path.split('/').filter(Boolean)
  if (have.length > want.length) return undefined
  const found: Record<string, string> = {}
  for (const [i, part] of want.entries()) {
    const value = have[i]
    if (value === undefined) {
      if (!part.endsWith('?')) return undefined
    } else if (part.startsWith(':')) {
      found[part.replace(/[:?]/g, '')] = decode(value)
    } else if (part !== value) return undefined
  }
  return found
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
