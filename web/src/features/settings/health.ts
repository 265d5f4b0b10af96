// What to do about a mail server's refusal, guessed from its own words.
import type { Inbox, Me } from '$lib/api/types'

export type Hint = 'auth' | 'name' | 'reach' | 'tls' | 'limit' | 'folder' | 'other'

const signs: [RegExp, Hint][] = [
  [/\b(535|534|530)\b|auth|login|credential|password|username|sign ?in/i, 'auth'],
  [/no such host|lookup|name resolution|not known|NXDOMAIN/i, 'name'],
  [/x509|certificate|tls|handshake|first record does not look/i, 'tls'],
  [/rate|too many|quota|limit|throttl|\b(421|450|452)\b/i, 'limit'],
  [/mailbox (doesn'?t|does not) exist|nonexistent|unknown mailbox|no such (mailbox|folder)|folder/i, 'folder'],
  [/timeout|timed out|refused|unreachable|no route|reset|EOF|broken pipe|deadline/i, 'reach'],
]

/** The first thing to try after an error. */
export const hintFor = (error: string): Hint => signs.find(([is]) => is.test(error))?.[1] ?? 'other'

export type Health = 'ok' | 'failing' | 'idle' | 'off'

/** The state shown for an inbox: one that is switched off is neither well nor ill. */
export const healthOf = (inbox: Inbox): Health => (inbox.active ? inbox.health.state : 'off')

/** The id of an inbox that nothing can be sent from; in a demonstration the post office carries everything. */
export const silent = (inbox: Inbox | undefined, me: Me | null): string | undefined => (inbox && !inbox.sends && !(me?.demo && inbox.kind === 'email') ? inbox.id : undefined)

/** Whether the post office of a demonstration carries this inbox's mail: it has no server of its own. */
export const inDemo = (inbox: Inbox, me: Me | null): boolean => !!me?.demo && inbox.kind === 'email' && inbox.receive.mode === 'none' && inbox.send.mode === 'none'
