// The order of a person's own acts. What is undone at once must not overtake
// what it undoes, and what the server tells of a conversation while an act on it
// is under way is already out of date on this screen.
export class Turns<T> {
  private readonly last = new Map<string, Promise<unknown>>()
  private readonly aside = new Map<string, T[]>()

  /** Runs an act when the earlier acts on the same ids have ended, well or not. */
  async take<R>(ids: string[], act: () => Promise<R>): Promise<R> {
    const mine = Promise.allSettled(ids.map((id) => this.last.get(id))).then(act)
    for (const id of ids) this.last.set(id, mine)
    try {
      return await mine
    } finally {
      for (const id of ids) if (this.last.get(id) === mine) this.last.delete(id)
    }
  }

  /** Keeps what came for an id with an act under way, for `after`. False: there is none. */
  keep(id: string, came: T): boolean {
    if (!this.last.has(id)) return false
    this.aside.set(id, [...(this.aside.get(id) ?? []), came])
    return true
  }

  /** All that was kept for ids whose acts have ended, oldest first. */
  after(ids: string[]): T[] {
    const free = ids.filter((id) => !this.last.has(id))
    const out = free.flatMap((id) => this.aside.get(id) ?? [])
    for (const id of free) this.aside.delete(id)
    return out
  }
}
