export { Chat } from './chat'
export { ChatError } from './types'
export type { About, ChatFile, ChatForm, ChatPrompt, ChatMessage, ChatState, ChatSurvey, Connection, Options, Pending, Preamble, QuickAnswer, Visitor } from './types'
