// The one door to the contract's types. schema.d.ts is written from the server's
// own description (npm run gen); names of ours that differ are given here.
import type { components, paths } from './schema'

type S = components['schemas']

/** What every refusal carries: RFC 9457 with our code and errors by field. */
export interface Problem {
  type?: string
  title?: string
  status: number
  detail?: string
  code?: string
  errors?: { location?: string; message?: string; code?: string }[]
}
export type Setup = S['Setup']
export type Role = Agent['role']
export type Agent = S['Agent']
export type Released = S['Released']
export type Me = S['Me']
export type MePatch = S['MePatch']
export type Session = S['Session']
export type Hours = S['Hours']
export type Brand = S['Brand']
export type BrandWrite = S['NewBrandInputBody']
export type Security = Exclude<Receive['security'], '' | undefined>
export type Receive = S['InboxReceive']
export type Send = S['InboxSend']
export type ReceiveWrite = S['ReceiveWrite']
export type SendWrite = S['SendWrite']
export type Inbox = S['Inbox']
export type Channel = S['Channel']
export type ChannelField = S['ChannelField']
export type InboxWrite = S['NewInboxInputBody']
export type InboxCheck = { receive: CheckSteps | null; send: CheckSteps | null }
export type CheckSteps = S['CheckSteps']
export type SurveyPolicy = S['SurveyPolicy']
export type Team = S['Team']
export type Tag = S['Tag']
export type ContactPoint = S['ContactPoint']
export type DeskForm = S['Form']
export type Place = S['Place']
export type Sticker = S['Sticker']
export type PlaceFunnel = S['PlaceFunnel']
export type Paper = S['Paper']
export type PlaceRating = S['Rating']
export type Reception = S['Reception']
export type Key = S['Key']
export type Customer = S['Customer']
export type CustomerPatch = S['CustomerPatchInputBody']
export type TimelineItem = S['TimelineItem']
export type Status = Conversation['status']
export type Priority = Conversation['priority']
export type Band = SurveyResponse['band']
export type Conversation = Omit<S['Conversation'], 'score'> & { score: S['ScoreOfContact'] | null }
export type ConversationQuery = NonNullable<paths['/conversations']['get']['parameters']['query']>
/** What a case may be told of its severity. */
export type InputsPatch = NonNullable<CasePatch['inputs']>
export type ConversationPatch = S['ConversationPatch']
export type Counts = S['Counts']
export type Addr = S['Addr']
export type Attachment = S['Attachment']
export type Delivery = S['DeliveryView']
// Objects that may be absent: the description cannot say so of a reference.
export type Message = Omit<S['Message'], 'from' | 'delivery' | 'event'> & { from: Addr | null; delivery: Delivery | null; event: S['EventView'] | null }
export type MessageWrite = S['NewMessage']
export type Draft = S['Draft']
export type DraftWrite = S['DraftInputBody']
export type Hit = S['Hit']
export type Notice = S['NoticeView']
export type Notices = S['Notices']
export type Survey = S['Survey']
export type Invitation = S['Invitation']
export type SurveyResponse = S['Response']
export type CaseState = Case['state']
export type Outcome = NonNullable<Exclude<Case['outcome'], ''>>
export type CaseInputs = S['CaseInputs']
export type Case = S['Case']
export type CaseFull = S['CaseFull']
export type CasePatch = S['CasePatch']
export type Cause = S['Cause']
export type Measure = S['Measure']
export type Evidence = S['Evidence']
export type Step = S['CaseStep']
export type CasePromise = S['Promise']
export type RemedyType = Remedy['type']
export type Remedy = S['Remedy']
export type StoryItem = S['StoryRow']
export type Board = S['Board']
export type Authority = S['Authority']
export type LedgerRow = S['LedgerRow']
export type Job = S['Job']
export type Share = S['Share']
export type Span = S['LoopSpread']
export type WeekPoint = S['LoopWeek']
export type Loop = S['LoopReport']
export type LoopRow = S['LoopRow']
export type { DemoAbout, DemoMail } from './demo'
export type Page<T> = { items: T[]; next?: string | null; total?: number }
