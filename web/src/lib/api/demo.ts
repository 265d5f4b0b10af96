// The post office of a demonstration. Ordinary instances do not have it, so it is
// not in their description and its shapes are written here by hand.
import type { components } from './schema'

type Addr = components['schemas']['Addr']

export interface DemoMail {
  id: string
  at: string
  direction: 'in' | 'out'
  from: Addr
  to: Addr
  subject: string
  text: string
  hasHtml: boolean
}
export interface DemoAbout {
  customers: Addr[]
  channels: { kind: string; inboxId: string; locale: string; people: Addr[] }[]
  inboxes: { address: string; locale: string; name: string }[]
  logins: { brand: string; email: string; name: string; password: string; role: string }[]
  shops: { name: string; locale: string; brandId: string; inboxId: string; items: string[] }[]
}

type Reads<Answer, Query> = { parameters: { query?: Query }; responses: { 200: { content: { 'application/json': Answer } } } }

export interface DemoLine {
  ours: boolean
  text: string
  file: string
  at: string
  choices?: string[]
}

export interface DemoPaths {
  '/demo/screen': {
    get: Reads<{ items: DemoLine[] }, { kind: string; address: string }>
    post: {
      parameters: { query?: Record<string, never> }
      requestBody: { content: { 'application/json': { kind: string; from: Addr; text: string } } }
      responses: { 204: { content?: never } }
    }
  }
  '/demo': { get: Reads<DemoAbout, Record<string, never>> }
  '/demo/mails': {
    get: Reads<{ items: DemoMail[]; next?: string }, { address?: string; limit?: number }>
    post: {
      parameters: { query?: Record<string, never> }
      requestBody: { content: { 'application/json': { from: Addr; to: string; subject: string; text: string; inReplyTo?: string } } }
      responses: { 201: { content: { 'application/json': DemoMail } } }
    }
  }
}
