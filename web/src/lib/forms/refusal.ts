// What Kintsugi itself says about a connection it did not make. The program logs
// and stores it in English; a reader gets it in their own language.

const refused = /(\S+) is (?:\S+, )?inside this machine or a private network; start the server with (--allow-net \S+)/

/** The host, and the option that allows it; undefined when the words are a server's. */
export function refusalIn(text: string): { host: string; option: string } | undefined {
  const found = refused.exec(text)
  return found ? { host: found[1]!, option: found[2]! } : undefined
}

/** Whether host:port is on this machine, where nobody listens in on the way. */
export const isHere = (address: string): boolean => /^(127\.|\[::1\]|::1$|localhost(:|$))/i.test(address)
