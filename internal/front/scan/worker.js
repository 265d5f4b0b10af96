'use strict'
// Keeps the page of a kiosk, so that the device can start it without a network.
// Whatever the server says of a page that is gone holds here too.
const NAME = 'kiosk-1'
const PATIENCE = 5000
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (e) => e.waitUntil(self.clients.claim()))
self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url)
  if (e.request.method === 'GET' && e.request.mode === 'navigate' && url.searchParams.has('kiosk')) e.respondWith(page(e.request))
})
async function page(request) {
  const kept = await caches.open(NAME)
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) })
    if (answer.ok) await kept.put(request.url, answer.clone())
    else if (answer.status === 404 || answer.status === 410) await kept.delete(request.url)
    return answer.status >= 500 ? (await kept.match(request.url)) || answer : answer
  } catch (e) {
    return (await kept.match(request.url)) || Response.error()
  }
}
