/** A file of a message. `url` is empty while it cannot be had. */
export interface ChatFile { name: string; type: string; size: number; url: string }

/** One message, as the desk tells it. */
export interface ChatMessage {
  id: string
  /** The id under which this browser sent it; absent for others. */
  client?: string
  /** The desk says it. */
  ours: boolean
  author?: string
  text: string
  lang?: string
  /** RFC 3339. */
  at: string
  /** The other side has read it. */
  seen: boolean
  files: ChatFile[]
}

/** A message that is not with the desk yet, or not known to be. */
export interface Pending {
  id: string
  text: string
  at: string
  files: { name: string; size: number; sent: number; id?: string }[]
  /** The desk has it; it only has not come back yet. */
  accepted: boolean
  /** Why the desk refused it, in words. */
  problem?: string
}

export interface About {
  brand: string
  lang: string
  greeting: string
  color: string
  ink: string
  onLight: string
  onDark: string
  open: boolean
  opensAt: string | null
  usual: string
  email: boolean
  /** What is not read here can also be mailed, to who leaves an address. */
  mail: boolean
  maxText: number
  maxFile: number
  maxFiles: number
  words: Record<string, string>
}

export interface Visitor { name: string; email: string; proven: boolean; needsEmail: boolean }

/** idle: nobody has begun. waiting: the next try comes by itself. */
export type Connection = 'idle' | 'connecting' | 'open' | 'waiting' | 'offline'

export interface ChatState {
  connection: Connection
  visitor: Visitor | null
  messages: readonly ChatMessage[]
  pending: readonly Pending[]
  unread: number
  /** An agent types. */
  typing: boolean
  /** Something was said before the first of `messages`. */
  hasOlder: boolean
}

/** What the desk refused, with its words. */
export class ChatError extends Error {
  constructor(readonly status: number, readonly code: string, detail: string, readonly retryAfter = 0) { super(detail) }
}

export interface Options {
  /** Address of the desk: https://desk.example.com */
  desk: string
  inbox: string
  lang?: string
  /** A proof of who is signed in; see identify. */
  identity?: string
  /** Where the session and what waits are kept; null: nowhere. */
  storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null
  fetch?: typeof fetch
  WebSocket?: new (url: string) => WebSocket
}
