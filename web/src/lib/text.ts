// Small text acts that know Japanese.

/** For finding by typing: width, kana and case do not matter. */
export function fold(s: string): string {
  return s
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u30a1-\u30f6]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0x60))
}

/** One or two letters for an avatar: initials, or the first character of a Japanese name. */
export function initials(name: string): string {
  const words = name.replace(/[<>"'（）()]/g, ' ').split(/[\s._@-]+/).filter(Boolean)
  const first = words[0] ?? '?'
  if (/[\u3040-\u30ff\u3400-\u9fff]/.test(first)) return [...first][0]!
  return ([...first][0]! + (words.length > 1 && !name.includes('@') ? [...words.at(-1)!][0]! : '')).toUpperCase()
}

/** A steady number for a text, for one of the fixed hues. */
export function hueOf(text: string): number {
  let h = 7
  for (const c of text) h = (h * 31 + c.codePointAt(0)!) >>> 0
  return h % 8
}

/** Bytes for people: "12 kB", and in full below a kilobyte, because the short form has no plural: "899 bytes". */
export function bytes(n: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte']
  let i = 0
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000
    i++
  }
  return new Intl.NumberFormat(locale, { style: 'unit', unit: units[i]!, unitDisplay: i === 0 ? 'long' : 'short', maximumFractionDigits: n < 10 && i > 0 ? 1 : 0 }).format(n)
}

/** Parts of a text around highlights [start, length] (UTF-16 units), for <mark>. */
export function marked(text: string, highlights: (number[] | null)[]): { text: string; mark: boolean }[] {
  const out: { text: string; mark: boolean }[] = []
  let at = 0
  for (const found of highlights) {
    const [start = 0, length = 0] = found ?? []
    if (start < at || start > text.length) continue
    if (start > at) out.push({ text: text.slice(at, start), mark: false })
    out.push({ text: text.slice(start, start + length), mark: true })
    at = start + length
  }
  if (at < text.length) out.push({ text: text.slice(at), mark: false })
  return out
}
