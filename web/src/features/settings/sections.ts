// The sections of the settings: where they stand, who sees them, what draws them.
import type { Component } from 'svelte'

export const groups = ['me', 'desk', 'people', 'system'] as const
export type Group = (typeof groups)[number]

interface Part {
  group: Group
  /** The permission that opens it; "" for everybody who is signed in. */
  need: string
  load: () => Promise<{ default: Component }>
}

export const sections = {
  profile: { group: 'me', need: '', load: () => import('./Profile.svelte') },
  sessions: { group: 'me', need: '', load: () => import('./Sessions.svelte') },
  brands: { group: 'desk', need: 'settings.read', load: () => import('./Brands.svelte') },
  inboxes: { group: 'desk', need: 'settings.read', load: () => import('./Inboxes.svelte') },
  forms: { group: 'desk', need: 'inbox.write', load: () => import('./Forms.svelte') },
  contacts: { group: 'desk', need: 'settings.read', load: () => import('./Contacts.svelte') },
  surveys: { group: 'desk', need: 'settings.read', load: () => import('./Surveys.svelte') },
  places: { group: 'desk', need: 'report.read', load: () => import('./Places.svelte') },
  tags: { group: 'desk', need: 'settings.read', load: () => import('./Tags.svelte') },
  agents: { group: 'people', need: 'settings.read', load: () => import('./Agents.svelte') },
  teams: { group: 'people', need: 'settings.read', load: () => import('./Teams.svelte') },
  authority: { group: 'people', need: 'settings.read', load: () => import('./Authorities.svelte') },
  ledger: { group: 'system', need: 'ledger.read', load: () => import('./Ledger.svelte') },
  jobs: { group: 'system', need: 'job.read', load: () => import('./Jobs.svelte') },
  keys: { group: 'system', need: 'key.write', load: () => import('./Keys.svelte') },
  api: { group: 'system', need: 'settings.read', load: () => import('./Api.svelte') },
} as const satisfies Record<string, Part>

export type SectionName = keyof typeof sections

/** The sections of a group that somebody may see. */
export function visible(group: Group, can: (permission: string) => boolean): SectionName[] {
  return (Object.keys(sections) as SectionName[]).filter((name) => sections[name].group === group && (sections[name].need === '' || can(sections[name].need)))
}

/** The section an address names; the first one without a name, undefined for an unknown one. */
export function sectionOf(param: string | undefined): SectionName | undefined {
  if (!param) return 'profile'
  return Object.hasOwn(sections, param) ? (param as SectionName) : undefined
}
