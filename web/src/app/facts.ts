// One table: fact → which lists on screen are no longer true. The inbox listens
// by itself, because it patches rows instead of reading the list again.
import { live, type Fact } from '$lib/api/live.svelte'
import { queries, stale } from '$lib/api/query'
import { directory } from '$lib/directory.svelte'

const touches: Record<string, string[]> = {
  'conversation.': ['counts', 'timeline', 'caseLetters', 'caseTalk'],
  'message.': ['counts', 'timeline', 'caseLetters'],
  'note.': ['timeline', 'caseLetters'],
  'customer.': ['customer', 'customers', 'timeline'],
  'claim.': ['customer'],
  'survey.': ['responses', 'invitations', 'loop', 'timeline'],
  'case.': ['cases', 'case', 'board', 'loop', 'timeline', 'counts'],
  'promise.': ['cases', 'case', 'board', 'loop'],
  'remedy.': ['cases', 'case', 'board', 'loop'],
  'inbox.': ['inboxes'],
  'form.': ['forms'],
  'reception.': ['reception'],
  'notice.': ['notices'],
}

/** Keeps the query cache true while facts come in. Returns the way to stop. */
export function listenToFacts(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const waiting = new Set<string>()
  const quiet = live.onFacts((facts: Fact[]) => {
    for (const fact of facts) for (const [start, roots] of Object.entries(touches)) if (fact.name.startsWith(start)) for (const root of roots) waiting.add(root)
    // A burst of facts is answered by one reading, half a second later.
    timer ??= setTimeout(() => {
      timer = undefined
      stale(...waiting)
      if (waiting.has('inboxes')) void directory.inboxes.load().catch(() => undefined)
      waiting.clear()
    }, 400)
  })
  const loud = live.onResync(() => void queries.invalidateQueries())
  return () => {
    clearTimeout(timer)
    quiet()
    loud()
  }
}
