import { expect, test } from 'vitest'
import { guessServers } from './servers'

test.each([
  ['help@shop.example', 'imap.shop.example', 'smtp.shop.example', 465, 'tls'],
  ['A@Outlook.com', 'outlook.office365.com', 'smtp.office365.com', 587, 'starttls'],
  ['x@yahoo.co.jp', 'imap.mail.yahoo.co.jp', 'smtp.mail.yahoo.co.jp', 465, 'tls'],
] as const)('%s', (address, imap, smtp, smtpPort, smtpSecurity) => expect(guessServers(address)).toEqual({ imap, smtp, smtpPort, smtpSecurity }))

test.each(['', 'help', 'help@', 'help@shop', 'help@shop.'])('%s says nothing yet', (address) => expect(guessServers(address)).toBeUndefined())
