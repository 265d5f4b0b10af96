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
  /** What the page had said first, and this answers. */
  asked?: string
}

/** What goes along with first words. */
export interface Preamble {
  /** What was entered, by the names of `About.form.fields`; of a choice its place in the list. */
  entered?: Record<string, string>
  /** The id of the prompt that is answered. */
  prompt?: string
}

/** A message that is not with the desk yet, or not known to be. */
export interface Pending {
  id: string
  text: string
  at: string
  files: { name: string; size: number; sent: number; id?: string }[]
  /** The desk has it; it only has not come back yet. */
  accepted: boolean
  before?: Preamble
  /** Why the desk refused it, in words. */
  problem?: string
}

/** A question about how it went. Nothing is recorded before `answerSurvey`. */
export interface ChatSurvey {
  id: string
  question: string
  /** The worst first. */
  choices: { score: number; label: string }[]
  /** 0: not answered yet. */
  score: number
  comment: string
  /** Asks also whether they had to explain the same thing again, and may be left open; null: it is not asked. */
  repeat: { question: string; yes: string; no: string; left: string } | null
  /** What they said to that; null: nothing. */
  repeated: boolean | null
  /** It can be answered, or the answer changed, until then. */
  until: string
  /** Words for who has answered. */
  thanks: string
  /** Characters of a comment. */
  most: number
}

/** What is asked before the first words. */
export interface ChatForm {
  /** Only who has left neither name nor mail address is asked. */
  unknown: boolean
  fields: { name: string; type: 'name' | 'email' | 'text' | 'choice'; label: string; required: boolean; choices: string[] }[]
}

/** What the page may say first, once all that it names holds. The page looks by itself; nothing is told to the desk. */
export interface ChatPrompt { id: string; text: string; page?: string; after?: number; pages?: number; scroll?: number; returning?: boolean; days?: number }

/** A short answer that may help before anybody writes. */
export interface QuickAnswer { id: string; title: string; body: string }

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
  form: ChatForm | null
  prompts: ChatPrompt[]
  /** Quick answers that there are. */
  answers: number
  /** Parts of the desk's own panel. */
  files: { panel: string; more: string; prompt: string }
  maxText: number
  maxFile: number
  maxFiles: number
  words: Record<string, string>
}

export interface Visitor {
  /** Names the visitor, and opens nothing. Calls of `pushAddress` name it. */
  id: string
  name: string
  email: string
  proven: boolean
  needsEmail: boolean
}

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
  /** It is known what was said: nobody has begun here, or it was read. */
  ready: boolean
  /** A conversation is going on. */
  talking: boolean
  survey: ChatSurvey | null
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
