import { describe, expect, test } from 'vitest'
import en from './catalogue.en'
import ja from './catalogue.ja'

const names = (message: string) => [...new Set([...message.matchAll(/\{(\w+)\s*[,}]/g)].map((m) => m[1]))].sort()

describe('catalogue', () => {
  test('both languages say the same things', () => {
    expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort())
  })
  test.each(Object.keys(en))('%s has the same parameters', (key) => {
    expect(names(ja[key] ?? '')).toEqual(names(en[key] ?? ''))
  })
  test('no words are empty and Japanese does not shout', () => {
    for (const [key, words] of Object.entries({ ...en })) expect(words, key).not.toBe('')
    for (const [key, words] of Object.entries(ja)) expect(words, key).not.toMatch(/^$|！/)
  })
})
