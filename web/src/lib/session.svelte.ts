// Who is signed in, and what they may do.
import { GET, PATCH, ok } from './api/client'
import type { Me, MePatch } from './api/types'
import { wear } from './look.svelte'

class Session {
  me = $state.raw<Me | null>(null)

  /** Whether the signed-in agent has a permission; false when nobody is signed in. */
  can(permission: string): boolean {
    return this.me?.permissions.includes(permission) ?? false
  }

  /** Asks the server who we are. */
  async load(): Promise<void> {
    await this.enter(await ok(GET('/me')))
  }

  /** Takes over a fresh record of the signed-in agent. */
  async enter(me: Me): Promise<void> {
    await wear({ theme: me.theme, density: me.density, locale: me.locale })
    this.me = me
  }

  /** Changes own settings: shown at once, put back when the server refuses. */
  async change(patch: MePatch): Promise<void> {
    const before = this.me
    if (!before) return
    await this.enter({ ...before, ...patch })
    try {
      this.me = await ok(PATCH('/me', { body: patch }))
    } catch (error) {
      await this.enter(before)
      throw error
    }
  }
}
export const session = new Session()
