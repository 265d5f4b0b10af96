// Mail addresses as people type and paste them.
import type { Addr } from './api/types'

const form = /^\s*(?:"?([^"<]*?)"?\s*)?<\s*([^<>\s]+@[^<>\s]+)\s*>\s*$/
const bare = /^[^\s@<>"(),;:]+@[^\s@<>"(),;:]+\.[^\s@<>"(),;:]+$/

/** Reads "Name <a@b.example>" or "a@b.example"; undefined when it is no address. */
export function readAddress(text: string): Addr | undefined {
  const found = form.exec(text)
  const address = (found ? found[2]! : text).trim().normalize('NFKC')
  if (!bare.test(address)) return undefined
  return { name: found?.[1]?.trim() ?? '', address }
}

/** Splits pasted lists at commas, semicolons (also the Japanese ones) and lines. */
export const splitAddresses = (text: string): string[] =>
  text
    .split(/[,;、；，\n]+(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((s) => s.trim())
    .filter(Boolean)
