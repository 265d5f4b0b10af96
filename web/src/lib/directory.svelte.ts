// The small lists that every page needs to turn an id into a name: agents,
// teams, tags, inboxes, brands. Read once after sign-in and again when told.
import { GET, ok } from './api/client'
import type { Agent, Brand, Channel, Inbox, Tag, Team } from './api/types'
import { session } from './session.svelte'

class Shelf<T extends { id: string }> {
  items = $state.raw<T[]>([])
  loaded = $state(false)
  private readonly byId = $derived(new Map(this.items.map((item) => [item.id, item])))
  constructor(private readonly read: () => Promise<{ items: T[] }>) {}

  get(id: string | null | undefined): T | undefined {
    return id ? this.byId.get(id) : undefined
  }
  async load(): Promise<void> {
    this.items = (await this.read()).items ?? []
    this.loaded = true
  }
}

export const directory = {
  agents: new Shelf<Agent>(() => ok(GET('/agents'))),
  teams: new Shelf<Team>(() => ok(GET('/teams'))),
  tags: new Shelf<Tag>(() => ok(GET('/tags'))),
  inboxes: new Shelf<Inbox>(() => ok(GET('/inboxes'))),
  brands: new Shelf<Brand>(() => ok(GET('/brands'))),
  channels: new Shelf<Channel>(() => ok(GET('/channels'))),
}

/** Reads all lists. One that is refused stays empty and the others still come. */
export async function loadDirectory(): Promise<void> {
  await Promise.allSettled(Object.values(directory).map((shelf) => shelf.load()))
}

/** The channel of an inbox, once both lists are there. */
export function channelOf(inboxId: string | null | undefined): Channel | undefined {
  return directory.channels.get(directory.inboxes.get(inboxId)?.kind)
}

/** An agent's name, also for oneself and for agents who have left. */
export function agentName(id: string | null | undefined): string {
  if (!id) return ''
  if (id === session.me?.id) return session.me.name
  return directory.agents.get(id)?.name ?? ''
}
