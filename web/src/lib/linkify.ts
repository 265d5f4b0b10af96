// Finds addresses in plain text. The text stays text; only what is surely an
// address becomes a link. Japanese punctuation ends an address.
export interface Piece {
  text: string
  href?: string
}

const pattern = /(https?:\/\/[^\s<>"'「」『』（）【】、。，．！？\u3000]+)|([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)/g

export function linkify(text: string): Piece[] {
  const out: Piece[] = []
  let at = 0
  for (const m of text.matchAll(pattern)) {
    let found = m[0]
    // Closing punctuation belongs to the sentence.
    const tail = /[.,;:!?)\]]+$/.exec(found)
    if (tail && !(tail[0].includes(')') && found.includes('('))) found = found.slice(0, -tail[0].length)
    if (m.index > at) out.push({ text: text.slice(at, m.index) })
    out.push({ text: found, href: m[2] ? `mailto:${found}` : found })
    at = m.index + found.length
  }
  if (at < text.length) out.push({ text: text.slice(at) })
  return out
}
