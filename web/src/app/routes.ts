// The map of the application: address → page. Every page is a chunk of its own.
import type { Component } from 'svelte'

export type PageProps = { params: Record<string, string> }
type Load = () => Promise<{ default: Component<PageProps> }>

export interface Route {
  path: string
  load: Load
  /** Who may see it: anyone, or signed-in agents in the frame with the navigation. */
  open?: true
}

const settings: Load = () => import('../features/settings/SettingsPage.svelte')

export const routes: Route[] = [
  { path: '/login', load: () => import('../features/session/LoginPage.svelte'), open: true },
  { path: '/setup', load: () => import('../features/setup/SetupPage.svelte'), open: true },
  { path: '/inbox/:view?/:id?', load: () => import('../features/inbox/InboxPage.svelte') },
  { path: '/search', load: () => import('../features/search/SearchPage.svelte') },
  { path: '/customers', load: () => import('../features/customers/CustomersPage.svelte') },
  { path: '/customers/:id', load: () => import('../features/customers/CustomerPage.svelte') },
  { path: '/cases', load: () => import('../features/cases/CasesPage.svelte') },
  { path: '/cases/:id', load: () => import('../features/cases/CasePage.svelte') },
  { path: '/responses', load: () => import('../features/surveys/ResponsesPage.svelte') },
  { path: '/loop', load: () => import('../features/loop/LoopPage.svelte') },
  { path: '/settings/:section?', load: settings },
  { path: '/shop', load: () => import('../features/demo/ShopPage.svelte'), open: true },
  { path: '/post-office', load: () => import('../features/demo/PostOfficePage.svelte'), open: true },
]
