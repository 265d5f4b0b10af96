// A small reader for the message syntax that the Go side shares:
//   "{name}"                          a parameter
//   "{n, plural, one {# case} other {# cases}}"   a plural; # is the number
// Anything else is plain text. Parsed messages are kept, so a message is read once.

export type Params = Record<string, string | number>
type Node = string | { arg: string } | { plural: string; forms: Map<string, Node[]> }

const parsed = new Map<string, Node[]>()

/** Writes one message in the reader's language. A missing parameter stays visible as {name}. */
export function format(message: string, params: Params | undefined, locale: string): string {
  if (!message.includes('{')) return message
  let nodes = parsed.get(message)
  if (!nodes) parsed.set(message, (nodes = new Parser(message).nodes(false)))
  return write(nodes, params ?? {}, locale, '')
}

function write(nodes: Node[], params: Params, locale: string, count: string): string {
  let out = ''
  for (const node of nodes) {
    if (typeof node === 'string') out += count === '' ? node : node.replaceAll('#', count)
    else if ('arg' in node) out += show(params[node.arg], node.arg, locale)
    else {
      const n = Number(params[node.plural] ?? 0)
      const exact = node.forms.get(`=${n}`)
      const form = exact ?? node.forms.get(rules(locale).select(n)) ?? node.forms.get('other') ?? []
      out += write(form, params, locale, number(n, locale))
    }
  }
  return out
}

function show(value: string | number | undefined, name: string, locale: string): string {
  if (value === undefined) return `{${name}}`
  return typeof value === 'number' ? number(value, locale) : value
}

const numbers = new Map<string, Intl.NumberFormat>()
function number(n: number, locale: string): string {
  let f = numbers.get(locale)
  if (!f) numbers.set(locale, (f = new Intl.NumberFormat(locale)))
  return f.format(n)
}

const plurals = new Map<string, Intl.PluralRules>()
function rules(locale: string): Intl.PluralRules {
  let r = plurals.get(locale)
  if (!r) plurals.set(locale, (r = new Intl.PluralRules(locale)))
  return r
}

class Parser {
  private at = 0
  constructor(private readonly text: string) {}

  /** Reads until the end, or until the closing brace of a plural form. */
  nodes(inner: boolean): Node[] {
    const out: Node[] = []
    let plain = ''
    while (this.at < this.text.length) {
      const c = this.text[this.at]
      if (c === '}' && inner) break
      if (c !== '{') {
        plain += c
        this.at++
        continue
      }
      if (plain !== '') out.push(plain)
      plain = ''
      out.push(this.placeholder())
    }
    if (plain !== '') out.push(plain)
    return out
  }

  private placeholder(): Node {
    this.at++
    const name = this.until(',}').trim()
    if (this.text[this.at] === '}') {
      this.at++
      return { arg: name }
    }
    this.at++
    this.until(',')
    this.at++
    const forms = new Map<string, Node[]>()
    while (this.at < this.text.length && this.text[this.at] !== '}') {
      const key = this.until('{}').trim()
      if (this.text[this.at] !== '{') break
      this.at++
      forms.set(key, this.nodes(true))
      this.at++
    }
    this.at++
    return { plural: name, forms }
  }

  private until(stop: string): string {
    const start = this.at
    while (this.at < this.text.length && !stop.includes(this.text[this.at]!)) this.at++
    return this.text.slice(start, this.at)
  }
}
