export { Chat } from './chat'
export { ChatError } from './types'
export type { About, ChatFile, ChatMessage, ChatState, Connection, Options, Pending, Visitor } from './types'
