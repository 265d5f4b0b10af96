// What to call a customer whom perhaps nobody knows by name.
import { t } from '../i18n/i18n.svelte'

/** Addresses that only machines read: visitors of a chat, senders of a form, accounts of LINE, rows of a file. */
const machine = /^(visitor-[0-9a-f]+|v-[0-9a-f]{8,}|u[0-9a-f]{32}|nobody_\w+|review\/.*)$/i

/** Whether people read this name or address: it is there, and not an id that only machines read. */
export const readable = (word: string | null | undefined): word is string => !!word && !machine.test(word)

/** Whether nothing is known that people would call them by. */
export const unnamed = (who: { name?: string | null; address?: string | null }): boolean => ![who.name, who.address].some(readable)

/** A customer's record as `nameOf` and `unnamed` take it: the first address that people read stands for all. */
export const personOf = (p: { name: string; points: { address: string }[] }): { name: string; address: string | undefined } => ({ name: p.name, address: p.points.map((x) => x.address).find(readable) })

/** The name, else an address that people read, else that we know none. */
export function nameOf(who: { name?: string | null; address?: string | null }): string {
  for (const word of [who.name, who.address]) if (readable(word)) return word
  return t('customer.unnamed')
}
