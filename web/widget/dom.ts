// The few things that a panel needs to make elements. Text from the desk only ever
// becomes text.

type Child = Node | string | null | false | undefined
type Attributes = Record<string, string | number | boolean | null | undefined | ((e: never) => void)>

/** Makes an element. Attributes that begin with "on" are listeners; false and null leave one out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag)
  for (const [name, v] of Object.entries(attributes)) {
    if (typeof v === 'function') el.addEventListener(name.slice(2), v as EventListener)
    else if (v !== false && v != null) el.setAttribute(name, v === true ? '' : String(v))
  }
  for (const c of children) if (c) el.append(c)
  return el
}

const SVG = 'http://www.w3.org/2000/svg'

/** An icon of 24 units from the path of its strokes. */
export function icon(d: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  for (const [k, v] of Object.entries({ viewBox: '0 0 24 24', width: '24', height: '24', fill: 'none', stroke: 'currentColor', 'stroke-width': '2', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' })) svg.setAttribute(k, v)
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', d)
  svg.append(path)
  return svg
}

/** Gives a shadow root its styles in a way that no Content-Security-Policy of the page forbids. */
export function dress(root: ShadowRoot, css: string): void {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
}

/** Fills in a phrase: {name}. */
export function fill(words: string | undefined, args: Record<string, string | number> = {}): string {
  return (words ?? '').replace(/\{(\w+)\}/g, (_, k: string) => String(args[k] ?? ''))
}

const LINK = /https?:\/\/[^\s<>"'、。」）)]+/g

/** Text with its links. */
export function linked(text: string): (Node | string)[] {
  const out: (Node | string)[] = []
  let at = 0
  for (const m of text.matchAll(LINK)) {
    const url = m[0].replace(/[.,;:!?]+$/, '')
    out.push(text.slice(at, m.index), h('a', { href: url, target: '_blank', rel: 'noopener noreferrer nofollow' }, url))
    at = m.index + url.length
  }
  out.push(text.slice(at))
  return out.filter((p) => p !== '')
}
