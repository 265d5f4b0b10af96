// How much of a case's story goes on two sheets of paper. Pure.

/** Half-width letters in a line of one of the two columns. */
const lineWidth = 64
/** Lines that the story may take; the rest of the two sheets is for what was done and promised. */
const budget = 150
/** Entries from the beginning that always stand: what it is about. */
const beginning = 6

/** About how many lines an entry takes: its heading, and of its text at most `most` lines. */
export function linesOf(text: string, most: number): number {
  let lines = 0
  for (const line of text.trim().split('\n')) {
    let width = 0
    for (const letter of line) width += letter > '\u2e7f' ? 2 : 1
    lines += Math.max(1, Math.ceil(width / lineWidth))
  }
  return 1.5 + Math.min(most, lines)
}

/** How many entries stand from the beginning and from the end; all of them when they fit. */
export function fitting(lines: number[]): { head: number; tail: number } {
  const head = Math.min(beginning, lines.length)
  let left = budget - lines.slice(0, head).reduce((a, b) => a + b, 0)
  let tail = 0
  while (head + tail < lines.length && (left -= lines[lines.length - 1 - tail]!) >= 0) tail++
  return { head, tail }
}
