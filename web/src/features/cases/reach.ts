// Whether a letter from a case can go out, so that nobody writes one that cannot.
// Pure: tested without a page. The server decides.
import type { Channel, Customer, Inbox, Message } from '$lib/api/types'
import { windowEnd } from '../inbox/fit'
import { answered, answerTo, byMail } from '../inbox/recipients'

/** Why not: the inbox cannot send, no address is known, the channel takes answers only for a time. */
export type Obstacle = 'silent' | 'address' | 'window'

interface Road {
  /** Where the conversation stands. */
  box: Inbox
  /** The channel of that inbox; none for mail. */
  channel: Channel | undefined
  points: Customer['points']
  messages: Message[]
  /** Addresses of our inboxes. */
  own: string[]
  /** Milliseconds since 1970. */
  now: number
  /** The demonstration delivers mail itself. */
  demo: boolean
}

/** What stands in the way of an answer in this conversation; undefined: nothing. */
export function obstacle({ box, channel, points, messages, own, now, demo }: Road): Obstacle | undefined {
  if (!box.sends && !(demo && box.kind === 'email')) return 'silent'
  if (!channel) {
    const last = answered(messages)
    const known = points.some((p) => p.kind === 'email' && !p.endedAt) || (last && byMail(answerTo(last, own, false)).to.length > 0)
    return known ? undefined : 'address'
  }
  const end = windowEnd(box.window === undefined ? channel.can : { ...channel.can, window: box.window }, messages)
  return end && end.getTime() <= now ? 'window' : undefined
}
