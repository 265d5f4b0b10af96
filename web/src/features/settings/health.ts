// What to do about a server's refusal, guessed from its own words.
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

export type VendorHint = 'token' | 'secret' | 'clock' | 'limit' | 'vendor' | 'other'

const vendorSigns: [RegExp, VendorHint][] = [
  [/minutes away|too old|clock/i, 'clock'],
  [/not verified|signature|verify token/i, 'secret'],
  [/\b(401|403)\b|auth|token|credential|password|session has expired|permission/i, 'token'],
  [/rate|too many|quota|limit|throttl|\b429\b/i, 'limit'],
  [/no such host|lookup|x509|certificate|handshake|timeout|timed out|refused|unreachable|no route|reset|EOF|broken pipe|deadline|\b50[0-4]\b/i, 'vendor'],
]

/** The first thing to try after an error of a mail server. */
export const hintFor = (error: string): Hint => signs.find(([is]) => is.test(error))?.[1] ?? 'other'

/** The first thing to try after an error of a channel's other side: it has tokens and secrets, and no passwords. */
export const vendorHintFor = (error: string): VendorHint => vendorSigns.find(([is]) => is.test(error))?.[1] ?? 'other'

export type Health = 'ok' | 'noted' | 'failing' | 'idle' | 'off'

/** The state shown for an inbox: one that is switched off is neither well nor ill; one that works may have had trouble with what came in. */
export const healthOf = (inbox: Inbox): Health => (!inbox.active ? 'off' : inbox.health.state === 'ok' && inbox.health.troubles.length > 0 ? 'noted' : inbox.health.state)

/** The id of an inbox that nothing can be sent from; in a demonstration the post office carries everything. */
export const silent = (inbox: Inbox | undefined, me: Me | null): string | undefined => (inbox && !inbox.sends && !(me?.demo && inbox.kind === 'email') ? inbox.id : undefined)

/** Whether the post office of a demonstration carries this inbox's mail: it has no server of its own. */
export const inDemo = (inbox: Inbox, me: Me | null): boolean => !!me?.demo && inbox.kind === 'email' && inbox.receive.mode === 'none' && inbox.send.mode === 'none'
