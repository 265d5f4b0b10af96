import { describe, expect, test } from 'vitest'
import type { ChannelField } from '../api/types'
import { filledIn, valuesOf } from './channel'

const field = (name: string, input: ChannelField['input'], more: Partial<ChannelField> = {}): ChannelField => ({ name, input, label: name, hint: '', required: false, advanced: false, default: '', choices: [], ...more })
const fields = [field('id', 'text'), field('secret', 'secret'), field('sites', 'list'), field('limit', 'number'), field('on', 'switch', { default: 'true' }), field('mode', 'choice', { default: 'a' })]

describe('settings of a channel', () => {
  test('a new form has the defaults', () => {
    expect(filledIn(fields, {})).toEqual({ id: '', secret: '', sites: '', limit: '', on: true, mode: 'a' })
  })
  test('what is stored comes back as it was', () => {
    const stored = { id: 'x', sites: ['https://a.example', 'https://b.example'], limit: 5, on: false, mode: 'b' }
    expect(valuesOf(fields, filledIn(fields, stored))).toEqual(stored)
  })
  test('an empty secret is not sent, so that the stored one stays', () => {
    expect(valuesOf(fields, filledIn(fields, {}))).not.toHaveProperty('secret')
    expect(valuesOf(fields, { ...filledIn(fields, {}), secret: ' s ' })).toHaveProperty('secret', ' s ')
  })
  test('an empty number empties the setting', () => {
    expect(valuesOf(fields, filledIn(fields, {})).limit).toBeNull()
  })
})
