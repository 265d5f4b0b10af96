// How changes reach a list that somebody is looking at. Pure, so that the rule
// "never move what the pointer is over" can be tested without a page.
import type { Conversation } from '$lib/api/types'
import { belongs, compare, type Filter } from './filter'

export interface Shown {
  ids: string[]
  /** Arrived, but kept back behind the "3 new" bar. */
  fresh: string[]
}

interface Situation {
  filter: Filter
  me: string
  /** The list is scrolled, hovered or worked in by keyboard: rows stay where they are. */
  held: boolean
  /** The reader's own act: what it brings back is not news and does not wait behind the bar. */
  own?: boolean
  /** The open conversation stays, even when it no longer belongs. */
  keep: string | null
  get: (id: string) => Conversation | undefined
}

/** Takes changed conversations into a list. */
export function mergeChanged(shown: Shown, changed: Conversation[], s: Situation): Shown {
  let ids = shown.ids
  let fresh = shown.fresh
  const there = new Set(ids)
  const order = compare(s.filter.sort)
  const moved: string[] = []
  for (const c of changed) {
    const already = there.has(c.id)
    if (!belongs(c, s.filter, s.me, already)) {
      if (already && c.id !== s.keep) ids = ids.filter((id) => id !== c.id)
      fresh = fresh.filter((id) => id !== c.id)
    } else if (already) {
      if (!s.held) moved.push(c.id)
    } else if (s.held && !s.own) {
      if (!fresh.includes(c.id)) fresh = [...fresh, c.id]
    } else {
      moved.push(c.id)
      fresh = fresh.filter((id) => id !== c.id)
    }
  }
  return { ids: moved.length > 0 ? place(ids, moved, order, s.get) : ids, fresh }
}

/** A list without a conversation that is none any more, open or not. */
export function without(shown: Shown, gone: string): Shown {
  return { ids: shown.ids.filter((id) => id !== gone), fresh: shown.fresh.filter((id) => id !== gone) }
}

/** Lets the kept-back rows in. */
export function admit(shown: Shown, s: Pick<Situation, 'filter' | 'get'>): Shown {
  return { ids: place(shown.ids, shown.fresh, compare(s.filter.sort), s.get), fresh: [] }
}

/** Puts some ids where the order wants them; the others keep theirs. */
function place(ids: string[], moved: string[], order: (a: Conversation, b: Conversation) => number, get: Situation['get']): string[] {
  const away = new Set(moved)
  const out = ids.filter((id) => !away.has(id))
  for (const id of away) {
    const c = get(id)
    if (!c) continue
    const at = out.findIndex((other) => {
      const o = get(other)
      return o !== undefined && order(c, o) < 0
    })
    if (at < 0) out.push(id)
    else out.splice(at, 0, id)
  }
  return out
}

/** The row to go to when the given ones leave. */
export function neighbour(ids: string[], leaving: string[]): string | null {
  const gone = new Set(leaving)
  const at = ids.findIndex((id) => gone.has(id))
  if (at < 0) return null
  return ids.slice(at).find((id) => !gone.has(id)) ?? ids.slice(0, at).findLast((id) => !gone.has(id)) ?? null
}
