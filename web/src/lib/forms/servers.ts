// A first guess at mail servers from an address, to save typing. Wrong guesses
// are mended by hand and found by "test connection".
export interface Guess {
  imap: string
  smtp: string
  smtpPort: number
  smtpSecurity: 'tls' | 'starttls'
}

const known: Record<string, [string, string, number?]> = {
  'gmail.com': ['imap.gmail.com', 'smtp.gmail.com'],
  'googlemail.com': ['imap.gmail.com', 'smtp.gmail.com'],
  'outlook.com': ['outlook.office365.com', 'smtp.office365.com', 587],
  'outlook.jp': ['outlook.office365.com', 'smtp.office365.com', 587],
  'hotmail.com': ['outlook.office365.com', 'smtp.office365.com', 587],
  'icloud.com': ['imap.mail.me.com', 'smtp.mail.me.com', 587],
  'me.com': ['imap.mail.me.com', 'smtp.mail.me.com', 587],
  'yahoo.co.jp': ['imap.mail.yahoo.co.jp', 'smtp.mail.yahoo.co.jp'],
  'yahoo.com': ['imap.mail.yahoo.com', 'smtp.mail.yahoo.com'],
  'fastmail.com': ['imap.fastmail.com', 'smtp.fastmail.com'],
}

/** The servers of the address's domain; undefined while it has none. */
export function guessServers(address: string): Guess | undefined {
  const domain = address.trim().toLowerCase().split('@')[1]
  if (!domain || !/^[^.\s]+(\.[^.\s]+)+$/.test(domain)) return undefined
  const [imap, smtp, port = 465] = known[domain] ?? [`imap.${domain}`, `smtp.${domain}`]
  return { imap, smtp, smtpPort: port, smtpSecurity: port === 465 ? 'tls' : 'starttls' }
}
