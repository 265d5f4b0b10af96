// Several tags set at once are one act: one line says them all.
import type { Message } from '$lib/api/types'

/** An entry of the thread with the events that are told in its line. */
export interface Run {
  m: Message
  along: Message[]
}

const together = 60_000
const isTag = (m: Message): boolean => m.kind === 'event' && /(^|\.)tagged$/.test(m.event?.name ?? '')
const added = (m: Message): boolean => String(m.event?.data.added) !== 'false'

/** The thread with tags of one agent within a minute in one entry. Everything else stays by itself. */
export function runs(messages: Message[]): Run[] {
  const out: Run[] = []
  for (const m of messages) {
    const last = out.at(-1)
    const first = last?.m
    if (last && first && isTag(m) && isTag(first) && added(m) === added(first) && m.author.id === first.author.id && Date.parse(m.at) - Date.parse(first.at) < together) last.along.push(m)
    else out.push({ m, along: [] })
  }
  return out
}
