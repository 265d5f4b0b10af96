import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Draft } from '$lib/api/types'
import { Composer } from './composer.svelte'

const asked: string[] = []
let broken = false
let gate: Promise<void> = Promise.resolve()
beforeEach(() => {
  asked.length = 0
  broken = false
  gate = Promise.resolve()
  vi.stubGlobal('fetch', async (request: Request) => {
    const body = (await request.json().catch(() => ({}))) as { text?: string }
    await gate
    asked.push(`${request.method} ${body.text ?? ''}`)
    return broken ? new Response('{}', { status: 500 }) : new Response('{}', { status: 200, headers: { 'content-type': 'application/json' } })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const draft = (text: string) => ({ conversationId: 'conv_1', kind: 'reply', text, html: '', to: [], cc: [], bcc: [], attachments: [], updatedAt: '', version: 1 }) as unknown as Draft
function begun(text: string): Composer {
  const composer = new Composer('conv_1')
  composer.start('reply')
  composer.text = text
  composer.touched()
  return composer
}
const undo = async () => {
  asked.push('cancel')
  return draft('sent and taken back\n\nbegun since')
}

test('what was begun since is kept before a message is taken back', async () => {
  const composer = begun('begun since')
  await composer.takeBack(undo)
  expect(asked).toEqual(['PUT begun since', 'cancel'])
  expect(composer.text).toBe('sent and taken back\n\nbegun since') // as the server has put it together
  composer.leave()
})

test('a saving under way is waited for', async () => {
  const composer = begun('begun')
  let open = () => {}
  gate = new Promise((done) => (open = done))
  void composer.save()
  const back = composer.takeBack(undo)
  await new Promise((r) => setTimeout(r, 20))
  expect(asked).toEqual([])
  open()
  await back
  expect(asked).toEqual(['PUT begun', 'cancel'])
  composer.leave()
})

test('what could not be kept is not lost', async () => {
  broken = true
  const composer = begun('begun since')
  await composer.takeBack(async () => draft('sent and taken back'))
  expect(composer.text).toBe('sent and taken back\n\nbegun since')
  broken = false
  composer.leave()
})

test('quick replies are kept with a draft and come back with it', async () => {
  const kept: unknown[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    kept.push(((await request.json()) as { choices?: string[] }).choices)
    return new Response('{}', { status: 200, headers: { 'content-type': 'application/json' } })
  })
  const composer = begun('Which colour?')
  composer.choices = ['Blue', 'White']
  await composer.save()
  expect(kept).toEqual([['Blue', 'White']])
  composer.choices = undefined
  await composer.takeBack(async () => ({ ...draft('Which colour?'), choices: ['Blue', 'White'] }))
  expect(composer.choices).toEqual(['Blue', 'White'])
  composer.leave()
})

test('quick replies alone are a draft, and stay one while a note is written', async () => {
  const kept: string[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    kept.push(`${request.method} ${((await request.json().catch(() => ({}))) as { choices?: string[] }).choices?.join()}`)
    return new Response('{}', { status: 200, headers: { 'content-type': 'application/json' } })
  })
  const composer = begun('')
  composer.choices = ['Blue']
  await composer.save()
  composer.mode = 'note'
  composer.text = 'She wants the blue one.'
  composer.touched()
  await composer.save()
  expect(kept).toEqual(['PUT Blue', 'PUT Blue'])
  const other = new Composer('conv_1')
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ ...draft(''), choices: ['Blue'] }), { status: 200, headers: { 'content-type': 'application/json' } }))
  await other.restore()
  expect(other.choices).toEqual(['Blue'])
  for (const c of [composer, other]) c.leave()
})
