import { expect, test } from 'vitest'
import { linkify } from './linkify'

const links = (s: string) => linkify(s).filter((p) => p.href).map((p) => p.href)

test.each([
  ['see https://a.example/x?y=1.', ['https://a.example/x?y=1']],
  ['（https://a.example/路）をご覧ください', ['https://a.example/路']],
  ['詳細はhttps://a.example/x。よろしく', ['https://a.example/x']],
  ['(https://a.example/w_(x))', ['https://a.example/w_(x))']],
  ['write to a.b@c.example, please', ['mailto:a.b@c.example']],
  ['javascript:alert(1) and data:text/html,x', []],
])('%s', (text, want) => {
  expect(links(text)).toEqual(want)
  expect(linkify(text).map((p) => p.text).join('')).toBe(text)
})
