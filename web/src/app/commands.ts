// What can be done from anywhere.
import { DELETE, ok } from '$lib/api/client'
import { locale, t, type Key } from '$lib/i18n/i18n.svelte'
import type { Command } from '$lib/keys/keys.svelte'
import type { CommandId } from '$lib/keys/bindings'
import { look } from '$lib/look.svelte'
import { notices } from '$lib/notice.svelte'
import { router } from '$lib/router.svelte'
import { session } from '$lib/session.svelte'
import { shell } from '$lib/shell.svelte'

const places: [CommandId, Key, string][] = [
  ['app.go.mine', 'app.go.mine', '/inbox/mine'],
  ['app.go.unassigned', 'app.go.unassigned', '/inbox/unassigned'],
  ['app.go.all', 'app.go.all', '/inbox/all'],
  ['app.go.inbox', 'app.go.inbox', '/inbox/mine'],
  ['app.go.customers', 'app.go.customers', '/customers'],
  ['app.go.cases', 'app.go.cases', '/cases'],
  ['app.go.responses', 'app.go.responses', '/responses'],
  ['app.go.loop', 'app.go.loop', '/loop'],
  ['app.go.settings', 'app.go.settings', '/settings/profile'],
]

/** Signs out on this device. */
export async function signOut(): Promise<void> {
  try {
    await ok(DELETE('/session'))
  } catch (error) {
    notices.fault(error)
    return
  }
  session.me = null
  router.go('/login')
}

export function globalCommands(): Command[] {
  return [
    { id: 'app.palette', label: () => t('app.key.palette'), run: () => (shell.palette = !shell.palette), whileWriting: true, silent: true },
    { id: 'app.keys', label: () => t('app.key.sheet'), run: () => (shell.sheet = true) },
    { id: 'app.search', label: () => t('app.key.search'), run: () => router.go('/search') },
    { id: 'app.undo', label: () => t('app.undo'), run: () => void notices.undo(), when: () => !!notices.current?.undo, silent: true },
    ...places.map(([id, label, to]): Command => ({ id, label: () => t(label), run: () => router.go(to), silent: id === 'app.go.inbox' })),
    { id: 'app.go.postOffice', label: () => t('app.go.postOffice'), run: () => router.go('/post-office'), when: () => !!session.me?.demo },
    { id: 'app.nav', label: () => t('app.key.nav'), run: () => shell.fold() },
    { id: 'app.theme', label: () => t('app.key.theme'), run: () => void session.change({ theme: document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark' }).catch((e) => notices.fault(e)) },
    { id: 'app.language', label: () => (locale() === 'ja' ? 'Switch to English' : '日本語に切り替える'), run: () => void session.change({ locale: locale() === 'ja' ? 'en' : 'ja' }).catch((e) => notices.fault(e)) },
    { id: 'app.signOut', label: () => t('app.signOut'), run: () => void signOut() },
  ]
}

/** The theme word for menus. */
export const themeNow = (): string => t(`app.theme.${look.theme}`)
