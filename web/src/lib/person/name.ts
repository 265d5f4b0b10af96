// What to call a customer whom perhaps nobody knows by name.
import { t } from '../i18n/i18n.svelte'

/** Addresses that only machines read: visitors of a chat, senders of a form, accounts of LINE, rows of a file. */
const machine = /^(visitor-[0-9a-f]+|v-[0-9a-f]{8,}|u[0-9a-f]{32}|nobody_\w+|review\/.*)$/i

/** Whether nothing is known that people would call them by. */
export const unnamed = (who: { name?: string | null; address?: string | null }): boolean => ![who.name, who.address].some((word) => word && !machine.test(word))

/** The name, else an address that people read, else that we know none. */
export function nameOf(who: { name?: string | null; address?: string | null }): string {
  for (const word of [who.name, who.address]) if (word && !machine.test(word)) return word
  return t('customer.unnamed')
}
