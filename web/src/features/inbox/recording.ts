// What was entered in the dialog for calls and visits, kept in this tab until it is
// saved or thrown away: notes taken while somebody speaks cannot be taken again.
const place = 'kintsugi.record.'

/** What a kept record is found by: the agent, and what it is written for: a conversation, a customer, or a new one. */
export const recordKey = (agent: string, about: { conversation?: string | undefined; customer?: string | undefined }): string => `${place}${agent}.${about.conversation ?? about.customer ?? 'new'}`

/** What was kept, undefined where there is nothing that can be read. */
export function keptRecord<T>(key: string): Partial<T> | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null')
    return typeof kept === 'object' && kept !== null ? (kept as Partial<T>) : undefined
  } catch {
    return undefined // Of another version of the program.
  }
}

/** Keeps what is entered. Where the browser's room is full, what was kept before stays. */
export function keepRecord(key: string, entered: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(entered))
  } catch {
    return
  }
}

/** Forgets it: it was saved, or thrown away. */
export const forgetRecord = (key: string): void => sessionStorage.removeItem(key)
