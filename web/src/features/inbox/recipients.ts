// Who gets an answer. Pure: tested without a page.
import type { Addr, Message } from '$lib/api/types'

export interface Recipients {
  to: Addr[]
  cc: Addr[]
}

const same = (a: Addr, b: Addr) => a.address.toLowerCase() === b.address.toLowerCase()
const unique = (list: Addr[]) => list.filter((a, i) => a.address !== '' && list.findIndex((b) => same(a, b)) === i)

/**
 * To whom an answer to `message` goes. `own` are the addresses of our inboxes: we
 * never write to ourselves. An answer to our own message goes to whom it went.
 */
export function answerTo(message: Message, own: string[], all: boolean): Recipients {
  const ours = new Set(own.map((a) => a.toLowerCase()))
  const others = (list: Addr[]) => unique(list).filter((a) => !ours.has(a.address.toLowerCase()))
  const outgoing = message.kind === 'outgoing'
  const writer = message.replyTo?.length ? message.replyTo : message.from ? [message.from] : []
  const to = others(outgoing ? message.to : writer)
  if (!all) return { to, cc: [] }
  const rest = outgoing ? message.cc : [...message.to, ...message.cc]
  return { to, cc: others(rest).filter((a) => !to.some((b) => same(a, b))) }
}

/** Recipients that mail can reach; an answer to what came by another channel has none yet: the server knows the customer's address. */
export const byMail = (r: Recipients): Recipients => ({ to: r.to.filter((a) => a.address.includes('@')), cc: r.cc.filter((a) => a.address.includes('@')) })

/** The message that an answer answers: the last one of the customer, else our last one. */
export function answered(messages: Message[]): Message | undefined {
  return messages.findLast((m) => m.kind === 'incoming') ?? messages.findLast((m) => m.kind === 'outgoing')
}

/** How many people a reply to all would reach beyond a plain reply. */
export const alsoReached = (message: Message, own: string[]): number => answerTo(message, own, true).cc.length
