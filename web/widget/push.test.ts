import { expect, test } from 'vitest'
import { serve, type Worker } from './push'

test('a worker shows what came, and opens the page only where it is one', async () => {
  const hears = new Map<string, (e: never) => void>()
  const shown: unknown[][] = []
  const opened: string[] = []
  serve({
    registration: { showNotification: async (...all) => void shown.push(all) },
    clients: { matchAll: async () => [{ url: 'https://shop.example/a', focus: async () => opened.push('focus') }], openWindow: async (url) => opened.push(url) },
    skipWaiting: async () => undefined,
    addEventListener: (what, hear) => hears.set(what, hear),
  } satisfies Worker)
  const fire = async (what: string, e: object): Promise<void> => {
    let wait: Promise<unknown> = Promise.resolve()
    hears.get(what)!({ ...e, waitUntil: (p: Promise<unknown>) => { wait = p } } as never)
    await wait
  }
  await fire('push', { data: { json: () => ({ title: 'Shop', body: 'There is an answer.', url: 'https://shop.example/b' }) } })
  await fire('push', { data: { json: () => { throw new Error('no JSON') } } })
  expect(shown).toEqual([['Shop', { body: 'There is an answer.', tag: 'kintsugi-chat', data: 'https://shop.example/b' }], ['', { body: '', tag: 'kintsugi-chat', data: '' }]])
  for (const data of ['https://shop.example/a', 'https://shop.example/b', 'javascript:alert(1)', '']) await fire('notificationclick', { notification: { data, close: () => undefined } })
  expect(opened).toEqual(['focus', 'https://shop.example/b'])
})
