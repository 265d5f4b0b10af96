// The site's service worker for us. It has a scope of its own, so that no other
// worker of the site is touched, nor what that one has subscribed to.

/** Addresses of the worker's script and of its scope. */
export function place(worker: string): { script: string; scope: string } {
  const script = new URL(worker, location.href)
  return { script: script.href, scope: new URL('kintsugi-push/', script).href }
}

/** What this browser has accepted, and where; nothing where it has not. */
export async function accepted(worker: string): Promise<{ at: ServiceWorkerRegistration; subscription: PushSubscription } | undefined> {
  const { scope } = place(worker)
  const at = await navigator.serviceWorker?.getRegistration(scope)
  if (at?.scope !== scope) return // a worker of the whole site answers, too
  const subscription = await at.pushManager?.getSubscription()
  return subscription ? { at, subscription } : undefined
}

/** Ends it in this browser: who comes next has accepted nothing. */
export async function forget(worker: string): Promise<void> {
  await (await accepted(worker))?.subscription.unsubscribe()
}
