import { expect, test } from 'vitest'
import { Fault } from './api/client'
import { Form } from './form.svelte'

test('a refusal goes to its fields and the first wrong one takes the focus', async () => {
  const form = new Form()
  const element = document.createElement('form')
  element.innerHTML = '<input name="name"><input name="email" aria-invalid="true">'
  document.body.append(element)
  const passed = await form.run(async () => {
    throw new Fault({ status: 422, detail: 'Check the fields', errors: [{ location: 'body.email', message: 'Not an address' }, { location: 'body.receive.host', message: 'Unknown' }] })
  }, element)
  expect(passed).toBe(false)
  expect(form.fault).toBe('Check the fields')
  expect(form.errors).toEqual({ email: 'Not an address', 'receive.host': 'Unknown' })
  expect(document.activeElement?.getAttribute('name')).toBe('email')
  element.remove()
})

test('is not sent twice, and is clean after success', async () => {
  const form = new Form()
  let runs = 0
  let finish = () => {}
  const first = form.run(() => {
    runs++
    return new Promise<void>((done) => (finish = done))
  })
  expect(form.busy).toBe(true)
  expect(await form.run(async () => void runs++)).toBe(false)
  finish()
  expect(await first).toBe(true)
  expect(runs).toBe(1)
  expect(form).toMatchObject({ busy: false, fault: '', done: true })
})

test('what is wrong with a field that is not shown stands with the form', async () => {
  const form = new Form()
  const element = document.createElement('form')
  await form.run(async () => {
    throw new Fault({ status: 422, detail: 'Check the fields', errors: [{ location: 'body.kind', message: 'Unknown kind.' }] })
  }, element)
  expect(form.fault).toBe('Check the fields Unknown kind.')
})

test('every empty required field is marked at once, before the server is asked', async () => {
  const form = new Form()
  expect(form.filled({ name: ' ', email: '', port: 993 })).toBe(false)
  expect(Object.keys(form.errors)).toEqual(['name', 'email'])
  expect(form.fault).not.toBe('')
  expect(form.filled({ name: 'Aoi', email: 'aoi@example.jp', port: 993 })).toBe(true)
  expect(form).toMatchObject({ errors: {}, fault: '' })
})
