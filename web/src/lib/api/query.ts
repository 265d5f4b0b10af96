// The query cache. Reading: `createQuery(() => ({ queryKey: keys.tags, queryFn: () => ok(GET('/tags')) }))`.
// Live facts mark what they touch as stale, see live.svelte.ts.
import { QueryClient } from '@tanstack/svelte-query'
import { Fault } from './client'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      // A refusal will be the same a second later; only a lost connection or a busy server is worth another try.
      retry: (count, error) => count < 2 && error instanceof Fault && (error.status === 0 || error.status >= 500),
      retryDelay: (n) => 500 * 2 ** n,
      refetchOnWindowFocus: true,
    },
  },
})

/** Marks everything under these keys as stale; what is on screen is read again. */
export function stale(...roots: string[]): void {
  for (const root of roots) void queries.invalidateQueries({ queryKey: [root] })
}
