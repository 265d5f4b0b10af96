// What a site's service worker imports: it shows that there is an answer, and opens
// the page on which somebody wrote. It hears nothing else of the site.
interface Notice { title: string; body: string; url: string }
interface Page { url: string; focus(): Promise<unknown> }
interface Event { waitUntil(p: Promise<unknown>): void }
export interface Worker {
  registration: { showNotification(title: string, o: object): Promise<void> }
  clients: { matchAll(o: object): Promise<Page[]>; openWindow(url: string): Promise<unknown> }
  skipWaiting(): Promise<void>
  addEventListener(what: string, hear: (e: never) => void): void
}

export function serve(worker: Worker): void {
  worker.addEventListener('install', () => void worker.skipWaiting())
  worker.addEventListener('push', (e: Event & { data: { json(): Notice } | null }) => {
    let n: Partial<Notice> = {}
    try {
      n = e.data?.json() ?? {}
    } catch {
      // Somebody else's words; the browser wants something to be shown all the same.
    }
    e.waitUntil(worker.registration.showNotification(n.title ?? '', { body: n.body ?? '', tag: 'kintsugi-chat', data: n.url ?? '' }))
  })
  worker.addEventListener('notificationclick', (e: Event & { notification: { data: string; close(): void } }) => {
    e.notification.close()
    const url = e.notification.data
    if (!/^https?:\/\//.test(url)) return
    e.waitUntil(worker.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((all) => all.find((p) => p.url === url)?.focus() ?? worker.clients.openWindow(url)))
  })
}

const self_ = globalThis as unknown as Worker
if ('registration' in globalThis) serve(self_)
