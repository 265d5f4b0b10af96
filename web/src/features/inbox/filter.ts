// What a list shows: view and filters, read from the address, and whether a
// conversation belongs to it. The server decides; this repeats its rule for
// rows that change while the list is on screen.
import type { Conversation, ConversationQuery, Priority, Status } from '$lib/api/types'

export const views = ['mine', 'unassigned', 'all', 'mentions'] as const
export type View = (typeof views)[number]
export const sorts = ['newest', 'oldest', 'waiting', 'priority'] as const
export type Sort = (typeof sorts)[number]
export const statuses: Status[] = ['open', 'pending', 'snoozed', 'resolved', 'closed']
export const priorities: Priority[] = ['urgent', 'high', 'normal', 'low']

export interface Filter {
  view: View
  status: Status | 'any'
  inboxId: string
  assigneeId: string
  tagId: string
  priority: Priority | ''
  sort: Sort
}

const oneOf = <T extends string>(list: readonly T[], value: string | null, otherwise: T): T => (list as readonly string[]).includes(value ?? '') ? ((value ?? '') as T) : otherwise

export function filterOf(view: string | undefined, query: URLSearchParams): Filter {
  const v = oneOf(views, view ?? '', 'all')
  return {
    view: v,
    status: oneOf([...statuses, 'any' as const], query.get('status'), v === 'mentions' ? 'any' : 'open'),
    inboxId: query.get('inboxId') ?? '',
    assigneeId: query.get('assigneeId') ?? '',
    tagId: query.get('tagId') ?? '',
    priority: oneOf([...priorities, '' as const], query.get('priority'), ''),
    sort: oneOf(sorts, query.get('sort'), 'newest'),
  }
}

/** The same as parameters of the contract; empty ones are left out. */
export function queryOf(filter: Filter, cursor?: string | null): ConversationQuery {
  const query: ConversationQuery = { view: filter.view, status: filter.status, sort: filter.sort, limit: 50 }
  if (filter.inboxId) query.inboxId = filter.inboxId
  if (filter.assigneeId) query.assigneeId = filter.assigneeId
  if (filter.tagId) query.tagId = filter.tagId
  if (filter.priority) query.priority = filter.priority
  if (cursor) query.cursor = cursor
  return query
}

/** Whether a conversation belongs to the list. Mentions are known to the server alone: what is there stays. */
export function belongs(c: Conversation, filter: Filter, me: string, already: boolean): boolean {
  if (filter.view === 'mine' && c.assigneeId !== me) return false
  if (filter.view === 'unassigned' && c.assigneeId !== null) return false
  if (filter.view === 'mentions' && !already) return false
  if (filter.status !== 'any' && c.status !== filter.status) return false
  if (filter.inboxId && c.inboxId !== filter.inboxId) return false
  if (filter.assigneeId && c.assigneeId !== filter.assigneeId) return false
  if (filter.tagId && !c.tags.includes(filter.tagId)) return false
  return !filter.priority || c.priority === filter.priority
}

const rank: Record<Priority, number> = { urgent: 0, high: 1, normal: 2, low: 3 }
const far = '9999'

/** Order of the list. */
export function compare(sort: Sort): (a: Conversation, b: Conversation) => number {
  const newest = (a: Conversation, b: Conversation) => b.lastMessageAt.localeCompare(a.lastMessageAt)
  switch (sort) {
    case 'oldest':
      return (a, b) => -newest(a, b)
    case 'waiting':
      return (a, b) => (a.waitingSince ?? far).localeCompare(b.waitingSince ?? far) || newest(a, b)
    case 'priority':
      return (a, b) => rank[a.priority] - rank[b.priority] || newest(a, b)
    default:
      return newest
  }
}
