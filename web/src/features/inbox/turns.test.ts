import { expect, test } from 'vitest'
import { Turns } from './turns'

/** An act that ends when it is told to. */
function act<R>(value: R) {
  let end = () => {}
  let fail = () => {}
  const done = new Promise<R>((yes, no) => {
    end = () => yes(value)
    fail = () => no(new Error('no'))
  })
  let begun = false
  return { run: () => ((begun = true), done), end: () => end(), fail: () => fail(), begun: () => begun }
}
const moment = () => new Promise((r) => setTimeout(r))

test('a later act on the same waits for the earlier, also when that fails', async () => {
  const turns = new Turns<string>()
  const [first, second, other] = [act(1), act(2), act(3)]
  const failed = turns.take(['a', 'b'], first.run).catch(() => 'failed')
  const after = turns.take(['b', 'c'], second.run)
  const apart = turns.take(['x'], other.run)
  await moment()
  expect([first.begun(), second.begun(), other.begun()]).toEqual([true, false, true])
  other.end()
  expect(await apart).toBe(3)
  first.fail()
  expect(await failed).toBe('failed')
  await moment()
  expect(second.begun()).toBe(true)
  second.end()
  expect(await after).toBe(2)
})

test('what comes while an act is under way is kept until the last has ended', async () => {
  const turns = new Turns<string>()
  const [first, second] = [act(1), act(2)]
  const one = turns.take(['a'], first.run)
  const two = turns.take(['a'], second.run)
  expect(turns.keep('a', 'old')).toBe(true)
  expect(turns.keep('b', 'at once')).toBe(false)
  first.end()
  await one
  expect(turns.after(['a'])).toEqual([])
  expect(turns.keep('a', 'newer')).toBe(true)
  second.end()
  await two
  expect(turns.after(['a', 'b'])).toEqual(['old', 'newer'])
  expect(turns.after(['a'])).toEqual([])
  expect(turns.keep('a', 'now')).toBe(false)
})
