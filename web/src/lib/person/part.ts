// Taking back that two customers were made one.
import { GET, POST, ok } from '$lib/api/client'
import { stale } from '$lib/api/query'

/** Parts a join; the customer who was taken in is one of their own again, and is returned by id. */
export async function part(joinId: string): Promise<string> {
  const back = await ok(POST('/customers/joins/{id}/part', { params: { path: { id: joinId } } }))
  stale('suggestions', 'customer', 'customers', 'timeline')
  return back.id
}

/** Parts a customer from the one who has just taken them in. */
export async function partFrom(keptId: string, fromId: string): Promise<void> {
  const kept = await ok(GET('/customers/{id}', { params: { path: { id: keptId } } }))
  const join = kept.joins.find((j) => j.fromId === fromId)
  if (join) await part(join.id)
}
