import { describe, expect, test } from 'vitest'
import { isHere, refusalIn } from './refusal'

describe('what Kintsugi did not connect to', () => {
  test.each([
    ['127.0.0.1:46257: 127.0.0.1 is inside this machine or a private network; start the server with --allow-net 127.0.0.1/32 to allow it', '127.0.0.1', '--allow-net 127.0.0.1/32'],
    ['mail.local:993: mail.local is 10.0.0.4, inside this machine or a private network; start the server with --allow-net 10.0.0.4/32 to allow it', 'mail.local', '--allow-net 10.0.0.4/32'],
  ])('%s', (text, host, option) => expect(refusalIn(text)).toEqual({ host, option }))
  test('a server’s words are its own', () => expect(refusalIn('535 5.7.8 authentication failed')).toBeUndefined())
  test.each([['127.0.0.1:143', true], ['[::1]:25', true], ['localhost:25', true], ['mail.example.jp:143', false], ['192.168.127.1:25', false]])('%s on this machine: %s', (address, here) => expect(isHere(address)).toBe(here))
})
