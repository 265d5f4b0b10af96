// Whether any inbox asks its customers how it went. Surveys are switched on per
// inbox; where none does, empty pages say so.
import { createQuery } from '@tanstack/svelte-query'
import { GET, ok } from './api/client'
import { session } from './session.svelte'

/** The survey policies; `data` is true when no inbox asks. Readers who may not see the settings learn nothing. */
export const nobodyAsks = () =>
  createQuery(() => ({
    queryKey: ['surveys'],
    queryFn: () => ok(GET('/surveys')),
    enabled: session.can('settings.read'),
    select: (list) => list.items.every((s) => !s.policy.enabled),
  }))
