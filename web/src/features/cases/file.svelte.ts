// One case on screen: reading it, and writing to it. Every act answers with the
// case as it is afterwards, or is followed by reading it again.
import { PATCH, ok } from '$lib/api/client'
import { queries, stale } from '$lib/api/query'
import type { CaseFull, CasePatch } from '$lib/api/types'
import { t } from '$lib/i18n/i18n.svelte'
import { notices } from '$lib/notice.svelte'

export const caseKey = (id: string): string[] => ['case', id]

/** Shows a case as the server just told it, and everything else anew. */
export function took(c: CaseFull): CaseFull {
  queries.setQueryData(caseKey(c.id), c)
  stale('cases', 'board', 'loop', 'timeline', 'caseLetters')
  return c
}

/** After an act that does not answer with the whole case. */
export function reread(): void {
  stale('case', 'cases', 'board', 'loop', 'timeline', 'caseLetters')
}

/** Changes a case and offers the way back. */
export async function change(c: CaseFull, patch: CasePatch, back: CasePatch, words?: string): Promise<boolean> {
  const path = { id: c.id }
  try {
    took(await ok(PATCH('/cases/{id}', { params: { path }, body: patch })))
    notices.undoable(words ?? t('app.saved'), async () => void took(await ok(PATCH('/cases/{id}', { params: { path }, body: back }))))
    return true
  } catch (error) {
    notices.fault(error)
    return false
  }
}

/** An act whose failure is said in a notice. */
export async function act(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write()
    reread()
    return true
  } catch (error) {
    notices.fault(error)
    return false
  }
}
