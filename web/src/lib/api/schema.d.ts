// The HTTP contract as types, in the shape that openapi-typescript writes.
// `npm run gen` replaces this file by the one generated from the server's own
// openapi.json; everything else imports its names through ./types.ts.

type Empty = Record<never, never>
type Json<B> = { content: { 'application/json': B } }
type Body<B> = B extends undefined ? never : Json<B>
interface Op<R, Q = Empty, P = Empty, B = undefined> {
  parameters: { query?: Q; path: P; }
  requestBody?: Body<B>
  responses: { 200: Json<R>; default: { content: { 'application/problem+json': components['schemas']['Problem'] } } }
}
interface Root<R, Q = Empty, B = undefined> {
  parameters: { query?: Q; }
  requestBody?: Body<B>
  responses: { 200: Json<R>; default: { content: { 'application/problem+json': components['schemas']['Problem'] } } }
}
type Id = { id: string }
type S = components['schemas']
type Page<T> = { items: T[]; next?: string | null; total?: number }
type Cursor = { cursor?: string; limit?: number }
type Period = { brandId?: string; from?: string; to?: string }

export interface paths {
  '/setup': { get: Root<S['Setup']> }
  '/setup/administrator': { post: Root<S['Me'], Empty, { token: string; name: string; email: string; password: string; locale: string }> }
  '/session': { post: Root<S['Me'], Empty, { email: string; password: string }>; delete: Root<unknown> }
  '/sessions': { get: Root<Page<S['Session']>>; delete: Root<unknown> }
  '/sessions/{id}': { delete: Op<unknown, Empty, Id> }
  '/me': { get: Root<S['Me']>; patch: Root<S['Me'], Empty, S['MePatch']> }
  '/me/password': { post: Root<unknown, Empty, { current: string; new: string }> }

  '/brands': { get: Root<Page<S['Brand']>, Cursor>; post: Root<S['Brand'], Empty, S['BrandWrite']> }
  '/brands/{id}': { get: Op<S['Brand'], Empty, Id>; patch: Op<S['Brand'], Empty, Id, Partial<S['BrandWrite']>> }
  '/inboxes': { get: Root<Page<S['Inbox']>, Cursor>; post: Root<S['Inbox'], Empty, S['InboxWrite']> }
  '/inboxes/check': { post: Root<S['InboxCheck'], Empty, { receive?: S['ReceiveWrite']; send?: S['SendWrite']; inboxId?: string }> }
  '/inboxes/{id}': { get: Op<S['Inbox'], Empty, Id>; patch: Op<S['Inbox'], Empty, Id, Partial<S['InboxWrite']>>; delete: Op<unknown, Empty, Id> }
  '/inboxes/{id}/fetch': { post: Op<unknown, Empty, Id> }
  '/inboxes/{id}/survey-policy': { get: Op<S['SurveyPolicy'], Empty, Id>; put: Op<S['SurveyPolicy'], Empty, Id, S['SurveyPolicy']> }
  '/agents': { get: Root<Page<S['Agent']>, Cursor>; post: Root<S['Agent'], Empty, { name: string; email: string; role: S['Role']; password?: string; teams?: string[] }> }
  '/agents/{id}': { patch: Op<S['Agent'], Empty, Id, { name?: string; role?: S['Role']; active?: boolean; teams?: string[] }> }
  '/agents/{id}/password': { post: Op<unknown, Empty, Id, { password: string }> }
  '/teams': { get: Root<Page<S['Team']>, Cursor>; post: Root<S['Team'], Empty, { name: string; agentIds?: string[] }> }
  '/teams/{id}': { patch: Op<S['Team'], Empty, Id, { name?: string; agentIds?: string[] }>; delete: Op<unknown, Empty, Id> }
  '/tags': { get: Root<Page<S['Tag']>, Cursor>; post: Root<S['Tag'], Empty, { name: string; color?: number; complaint?: boolean }> }
  '/tags/{id}': { patch: Op<S['Tag'], Empty, Id, { name?: string; color?: number; complaint?: boolean }>; delete: Op<unknown, Empty, Id> }
  '/keys': { get: Root<Page<S['Key']>, Cursor>; post: Root<S['Key'] & { token: string }, Empty, { name: string; role: S['Role'] }> }
  '/keys/{id}': { delete: Op<unknown, Empty, Id> }

  '/customers': { get: Root<Page<S['Customer']>, Cursor & { q?: string }> }
  '/customers/{id}': { get: Op<S['Customer'], Empty, Id>; patch: Op<S['Customer'], Empty, Id, S['CustomerPatch']> }
  '/customers/{id}/timeline': { get: Op<Page<S['TimelineItem']>, Cursor, Id> }
  '/customers/{id}/merge': { post: Op<S['Customer'], Empty, Id, { intoId: string }> }

  '/conversations': {
    get: Root<Page<S['Conversation']>, S['ConversationQuery']>
    post: Root<S['Conversation'], Empty, { inboxId: string; to: S['Addr'][]; cc?: S['Addr'][]; subject: string; html?: string; text?: string; attachmentIds?: string[] }>
  }
  '/conversations/counts': { get: Root<S['Counts']> }
  '/conversations/bulk': { post: Root<Page<S['Conversation']>, Empty, { ids: string[]; patch: S['ConversationPatch'] }> }
  '/conversations/{id}': { get: Op<S['Conversation'], Empty, Id>; patch: Op<S['Conversation'], Empty, Id, S['ConversationPatch']> }
  '/conversations/{id}/messages': { get: Op<Page<S['Message']>, Cursor & { before?: string }, Id>; post: Op<S['Message'], Empty, Id, S['MessageWrite']> }
  '/conversations/{id}/split': { post: Op<S['Conversation'], Empty, Id, { messageId: string }> }
  '/conversations/{id}/merge': { post: Op<S['Conversation'], Empty, Id, { intoId: string }> }
  '/conversations/{id}/suggestions': { get: Op<Page<S['Conversation'] & { reason?: string }>, Empty, Id> }
  '/conversations/{id}/read': { put: Op<unknown, Empty, Id> }
  '/conversations/{id}/draft': { get: Op<S['Draft'], Empty, Id>; put: Op<S['Draft'], Empty, Id, S['DraftWrite']>; delete: Op<unknown, Empty, Id> }
  '/messages/{id}/cancel': { post: Op<S['Draft'], Empty, Id> }
  '/messages/{id}/retry': { post: Op<S['Message'], Empty, Id> }
  '/search': { get: Root<Page<S['Hit']>, Cursor & { q: string; kind?: 'messages' | 'conversations' | 'customers' | '' }> }

  '/notices': { get: Root<S['Notices'], Cursor & { unread?: boolean }> }
  '/notices/read': { post: Root<unknown> }
  '/notices/{id}/read': { post: Op<unknown, Empty, Id> }

  '/surveys': { get: Root<Page<S['Survey']>> }
  '/invitations': { get: Root<Page<S['Invitation']>, Cursor & { state?: string; reason?: string; brandId?: string; inboxId?: string; conversationId?: string }> }
  '/responses': { get: Root<Page<S['Response']>, Cursor & Period & { band?: string; kind?: string; agentId?: string; conversationId?: string }> }
  '/reports/csat': { get: Root<S['Share'] & { distribution: number[] }, Period> }
  '/cases': {
    get: Root<Page<S['Case']>, Cursor & { state?: string; severity?: number; ownerId?: string; overdue?: boolean; brandId?: string; conversationId?: string }>
    post: Root<S['Case'], Empty, { conversationId: string; harm: number; reason: string }>
  }
  '/cases/board': { get: Root<S['Board'], { brandId?: string; ownerId?: string }> }
  '/cases/{id}': { get: Op<S['CaseFull'], Empty, Id>; patch: Op<S['CaseFull'], Empty, Id, S['CasePatch']> }
  '/cases/{id}/take': { post: Op<S['CaseFull'], Empty, Id> }
  '/cases/{id}/steps/{stepId}/complete': { post: Op<S['CaseFull'], Empty, Id & { stepId: string }, { evidence: S['Evidence'] }> }
  '/cases/{id}/steps/{stepId}/skip': { post: Op<S['CaseFull'], Empty, Id & { stepId: string }, { reason: string }> }
  '/cases/{id}/messages': { post: Op<S['Message'], Empty, Id, { html?: string; text?: string; to?: S['Addr'][]; promise?: { text: string; dueAt: string }; stepId?: string }> }
  '/cases/{id}/promises': { post: Op<S['Promise'], Empty, Id, { text: string; dueAt: string }> }
  '/cases/{id}/promises/{pid}/keep': { post: Op<S['Promise'], Empty, Id & { pid: string }> }
  '/cases/{id}/remedies': { post: Op<S['Remedy'], Empty, Id, { type: S['RemedyType']; amount?: number; currency?: string; text?: string }> }
  '/cases/{id}/remedies/{rid}/approve': { post: Op<S['Remedy'], Empty, Id & { rid: string }> }
  '/cases/{id}/remedies/{rid}/refuse': { post: Op<S['Remedy'], Empty, Id & { rid: string }, { reason?: string }> }
  '/cases/{id}/remedies/{rid}/deliver': { post: Op<S['Remedy'], Empty, Id & { rid: string }> }
  '/cases/{id}/close': { post: Op<S['CaseFull'], Empty, Id, { outcome?: string; followUp: boolean; reason?: string }> }
  '/cases/{id}/reopen': { post: Op<S['CaseFull'], Empty, Id, { reason: string }> }
  '/authorities': { get: Root<Page<S['Authority']>>; put: Root<Page<S['Authority']>, Empty, { items: S['Authority'][] }> }
  '/ledger': { get: Root<Page<S['LedgerRow']>, Cursor & { state?: string; inboxId?: string }> }
  '/ledger/{id}/retry': { post: Op<S['LedgerRow'], Empty, Id> }
  '/jobs': { get: Root<Page<S['Job']>, Cursor & { state?: string }> }
  '/jobs/{id}/retry': { post: Op<S['Job'], Empty, Id> }
  '/reports/loop': { get: Root<S['Loop'], Period> }
  '/reports/loop/rows': { get: Root<Page<S['LoopRow']>, Period & Cursor & { number: string; only?: string }> }
  '/demo': { get: Root<S['DemoAbout']> }
  '/demo/mails': { get: Root<Page<S['DemoMail']>, { address?: string; limit?: number }>; post: Root<S['DemoMail'], Empty, { from: S['DemoAddr']; to: string; subject: string; text: string; inReplyTo?: string }> }
}

export interface components {
  schemas: {
    Problem: { type?: string; title?: string; status: number; detail?: string; code?: string; errors?: { location?: string; message: string; code?: string }[] }
    Setup: { needed: boolean; steps: { administrator: boolean; brand: boolean; inbox: boolean }; locale: string }
    Role: 'administrator' | 'manager' | 'agent'
    Agent: { id: string; name: string; email: string; role: S['Role']; locale: 'ja' | 'en' | ''; timeZone: string; active: boolean; teams: string[]; avatarHue: number; createdAt: string }
    Me: S['Agent'] & { permissions: string[]; theme: 'system' | 'light' | 'dark'; density: 'comfortable' | 'compact'; signature: string; composer: 'rich' | 'plain'; sendKey: 'mod-enter' | 'enter' }
    MePatch: Partial<Pick<S['Me'], 'name' | 'locale' | 'theme' | 'density' | 'signature' | 'composer' | 'sendKey' | 'timeZone'>>
    Session: { id: string; current: boolean; userAgent: string; address: string; createdAt: string; lastSeenAt: string }
    Hours: { week: Record<string, (string[] | null)[] | null>; closed?: string[]; holidays?: 'jp' | ''; special?: Record<string, (string[] | null)[] | null> }
    Brand: { id: string; name: string; locale: string; timeZone: string; hours: S['Hours']; color: string; createdAt: string }
    BrandWrite: { name: string; locale: string; timeZone: string; hours: S['Hours']; color?: string }
    Security: 'tls' | 'starttls' | 'plain'
    Receive: { mode: 'imap' | 'smtp' | 'none'; host: string; port: number; security: S['Security'] | ''; username: string; folders: string[]; hasPassword: boolean }
    Send: { mode: 'smtp' | 'none'; host: string; port: number; security: S['Security'] | ''; username: string; hasPassword: boolean }
    ReceiveWrite: Partial<Omit<S['Receive'], 'hasPassword'>> & { password?: string }
    SendWrite: Partial<Omit<S['Send'], 'hasPassword'>> & { password?: string }
    Dkim: { domain: string; selector: string; hasKey: boolean }
    Health: { lastSuccessAt: string | null; lastError: string; lastErrorAt: string | null; state: 'ok' | 'failing' | 'idle' }
    Inbox: { id: string; brandId: string; name: string; kind: 'email'; address: string; aliases: string[]; active: boolean; senderName: string; signature: string; catchAll: boolean; receive: S['Receive']; send: S['Send']; dkim: S['Dkim']; health: S['Health'] }
    InboxWrite: { brandId: string; name: string; kind: 'email'; address: string; aliases?: string[]; active?: boolean; senderName?: string; signature?: string; catchAll?: boolean; receive?: S['ReceiveWrite']; send?: S['SendWrite']; dkim?: { domain?: string; selector?: string; key?: string } }
    CheckSteps: { ok: boolean; steps: { name: string; ok: boolean; text: string }[] }
    InboxCheck: { receive?: S['CheckSteps'] | null; send?: S['CheckSteps'] | null }
    SurveyPolicy: { enabled: boolean; delayMinutes: number; sampling: number; cooldownDays: number; quietFrom: string; quietTo: string; question?: { ja: string; en: string } | null }
    Team: { id: string; name: string; agentIds: string[] }
    Tag: { id: string; name: string; color: number; complaint: boolean }
    Key: { id: string; name: string; role: S['Role']; createdAt: string; lastUsedAt?: string | null }

    Point: { id: string; kind: 'email'; address: string }
    Customer: { id: string; name: string; locale: string; points: S['Point'][]; organization: string; note: string; createdAt: string; lastSeenAt: string | null; counts: { conversations: number; cases: number; responses: number } }
    CustomerPatch: { name?: string; locale?: string; organization?: string; note?: string }
    TimelineItem: { at: string; kind: 'conversation' | 'message' | 'response' | 'case' | 'note'; id: string; title: string; text: string; conversationId: string | null; caseId?: string | null; ref?: number; score: number | null; state: string | null; severity?: number }

    Status: 'open' | 'pending' | 'snoozed' | 'resolved' | 'closed'
    Priority: 'low' | 'normal' | 'high' | 'urgent'
    Band: 'satisfied' | 'neutral' | 'dissatisfied'
    ConversationQuery: { view?: 'mine' | 'unassigned' | 'all' | 'mentions'; status?: S['Status'] | 'any'; inboxId?: string; assigneeId?: string; tagId?: string; priority?: S['Priority']; sort?: 'newest' | 'oldest' | 'waiting' | 'priority'; cursor?: string; limit?: number }
    Conversation: {
      id: string; ref: number; brandId: string; inboxId: string; subject: string; status: S['Status']; priority: S['Priority']
      assigneeId: string | null; teamId: string | null; snoozedUntil: string | null; tags: string[]
      customer: { id: string; name: string; address: string }
      preview: string; unread: boolean; waitingSince: string | null; lastMessageAt: string; lastMessageFrom: 'customer' | 'agent' | ''
      messageCount: number; createdAt: string; resolvedAt: string | null; muted: boolean; caseId: string | null
      score: { value: number; band: S['Band'] } | null; version: number
    }
    ConversationPatch: { status?: S['Status']; assigneeId?: string | null; teamId?: string | null; priority?: S['Priority']; snoozedUntil?: string | null; tags?: string[]; subject?: string; version?: number }
    Counts: { views: { mine: number; unassigned: number; all: number; mentions?: number }; statuses: Partial<Record<S['Status'], number>>; inboxes: Record<string, number> }
    Addr: { name: string; address: string }
    Attachment: { id: string; name: string; contentType: string; size: number; inline: boolean }
    Delivery: { state: 'held' | 'queued' | 'sending' | 'sent' | 'failed' | 'ambiguous' | 'bounced' | 'cancelled'; at: string; error: string; attempts: number; holdUntil: string | null }
    Message: {
      id: string; conversationId: string; kind: 'incoming' | 'outgoing' | 'note' | 'event'
      author: { kind: 'customer' | 'agent' | 'system' | 'rule' | 'key'; id: string; name: string }
      at: string; from: S['Addr'] | null; replyTo?: S['Addr'][]; to: S['Addr'][]; cc: S['Addr'][]; bcc: S['Addr'][]; subject: string; text: string; quoted: string
      hasHtml: boolean; remoteImages: number; lang: string; attachments: S['Attachment'][]; delivery: S['Delivery'] | null; automatic: boolean; hasRaw?: boolean
      event: { name: string; data: Record<string, unknown> } | null
    }
    MessageWrite: { kind: 'reply' | 'note'; html?: string; text?: string; to?: S['Addr'][]; cc?: S['Addr'][]; bcc?: S['Addr'][]; attachmentIds?: string[]; replyTo?: string; resolve?: boolean; mentions?: string[] }
    Draft: { conversationId: string; kind: 'reply' | 'note'; html: string; text: string; to: S['Addr'][]; cc: S['Addr'][]; bcc: S['Addr'][]; attachments: S['Attachment'][]; updatedAt: string | null; version: number }
    DraftWrite: { kind: 'reply' | 'note'; html?: string; text?: string; to?: S['Addr'][]; cc?: S['Addr'][]; bcc?: S['Addr'][]; attachmentIds?: string[]; version?: number }
    Hit: { kind: 'message' | 'customer' | 'conversation'; id: string; conversationId?: string; ref?: number; title: string; snippet: string; highlights: (number[] | null)[]; at: string; customerName: string }

    Notice: { id: string; kind: string; title: string; text: string; at: string; readAt: string | null; caseId: string | null; conversationId: string | null; inboxId: string | null }
    Notices: Page<S['Notice']> & { unread: number }
    Survey: { id: string; brandId: string; metric: 'csat'; title: string; inboxId: string; policy: S['SurveyPolicy'] }
    Invitation: { id: string; kind: 'csat' | 'follow-up'; conversationId: string; customer: { id: string; name: string; address?: string }; state: 'planned' | 'queued' | 'sent' | 'answered' | 'skipped' | 'expired' | 'failed'; reason: string | null; runAt: string | null; sentAt: string | null; agentId: string | null; brandId: string; createdAt: string }
    Response: { id: string; kind: 'csat' | 'follow-up'; invitationId: string; conversationId: string; customer: { id: string; name: string; address?: string }; score: number; band: S['Band']; comment: string; answeredAt: string; changedAt: string | null; history: { score: number; comment: string; at: string }[]; agentId: string | null; brandId: string; caseId: string | null }

    CaseState: 'detected' | 'acknowledged' | 'assessed' | 'owner_contacted' | 'diagnosed' | 'plan_agreed' | 'remedy_delivered' | 'followed_up' | 'surveyed' | 'closed' | 'reopened'
    Outcome: 'recovered' | 'not_recovered' | 'unreachable' | 'declined' | 'no_fault'
    CaseInputs: { harm: number; firmResponsible: boolean; recurring: boolean; doubleDeviation: boolean; public: boolean; vulnerable: boolean; relationship: boolean; strongAnger: boolean; score: number | null; points: { key: string; points: number }[] }
    Cause: { category: string; locus?: string; stability?: string; text: string }
    Measure: { text: string; dueAt?: string | null }
    Case: {
      id: string; ref: number; brandId: string; customer: { id: string; name: string; address?: string }; conversationId: string
      source: { kind: 'response' | 'tag' | 'manual'; id: string; label: string }
      severity: 1 | 2 | 3 | 4; inputs: S['CaseInputs']; state: S['CaseState']; outcome: S['Outcome'] | null; ownerId: string | null
      openedAt: string; closedAt: string | null; confirmedAt: string | null; closeReason: string; round: number; dueAt: string | null; overdue: boolean; doubleDeviation: boolean
      scoreBefore: number | null; scoreAfter: number | null; cause: S['Cause'] | null; measure: S['Measure'] | null; customerInformedAt: string | null
      playbook: { id: string; version: number; name: string }; version: number
    }
    CasePatch: { ownerId?: string | null; inputs?: Partial<S['CaseInputs']>; cause?: S['Cause']; measure?: S['Measure']; version?: number }
    Evidence: { text?: string; messageId?: string; link?: string }
    Step: { id: string; key: string; title: string; guide: string; position: number; state: 'waiting' | 'active' | 'done' | 'skipped'; dueAt: string | null; overdue: boolean; escalation: number; takenBy: string | null; doneAt: string | null; doneBy: { kind: string; id: string; name: string } | null; evidence: S['Evidence'] | null }
    Promise: { id: string; text: string; dueAt: string; state: 'open' | 'kept' | 'broken'; keptAt: string | null; messageId: string | null }
    RemedyType: 'apology' | 'refund' | 'exchange' | 'redo' | 'credit'
    Remedy: { id: string; type: S['RemedyType']; amount: number; currency: string; text: string; state: 'proposed' | 'approved' | 'refused' | 'delivered'; proposedBy: string; approvedBy: string | null; reason: string; decidedAt: string | null; createdAt: string; deliveredAt: string | null }
    StoryItem: { at: string; kind: string; text: string; actor: { kind: string; id: string; name: string }; messageId: string | null }
    CaseFull: S['Case'] & { steps: S['Step'][]; promises: S['Promise'][]; remedies: S['Remedy'][]; story: S['StoryItem'][] }
    Board: { columns: { state: S['CaseState']; total?: number; items: S['Case'][] }[] }
    Authority: { role: S['Role']; type: S['RemedyType']; currency: string; limit: number; periodLimit: number }
    LedgerRow: { id: string; inboxId: string; externalId: string; receivedAt: string; state: 'linked' | 'duplicate' | 'auto-reply' | 'bounce' | 'spam' | 'quarantined'; reason: string; from: string; subject: string; size: number; conversationId: string | null; messageId: string | null; attempts: number; retryable: boolean }
    Job: { id: string; kind: string; state: 'ready' | 'running' | 'dead'; runAt: string; createdAt: string; attempt: number; lastError: string; subject: string }

    Share: { value: number | null; n: number; numerator: number; low: number | null; high: number | null }
    Span: { p50: number | null; p90: number | null; n: number }
    Spans: { clock: S['Span']; business: S['Span'] }
    WeekPoint: { start: string; n: number; k: number; value: number | null; lcl: number | null; ucl: number | null; center: number | null; signal: boolean; rules: string[] }
    Loop: {
      brandId: string; from: string; to: string; zone: string
      csat: S['Share'] & { distribution: number[] }
      csatWeeks: { points: S['WeekPoint'][]; center: number | null; sigmaZ: number | null; provisional: boolean }
      firstResponse: S['Spans']; resolution: S['Spans']; firstResolution: S['Spans']
      cases: { open: number; overdue: number; opened: number; closed: number }
      recovery: { rate: S['Share']; conservative: S['Share'] }
      timeToClose: { median: number | null; low: number | null; high: number | null; n: number; open: number }
      causes: { items: { key: string; label: string; count: number; cumulative: number }[]; n: number }
      promises: { kept: number; total: number; broken: number; open: number; value: number | null; low: number | null; high: number | null }
    }
    LoopRow: { id: string; kind: 'response' | 'conversation' | 'case' | 'promise'; ref: number; title: string; text: string; agent: string; at: string; value: number | string | null; business?: number; severity?: number; cause?: string; endedAt?: string | null; conversationId?: string | null; caseId?: string | null }
    DemoAddr: { name?: string; address: string }
    DemoMail: { id: string; direction: 'in' | 'out'; from: S['DemoAddr']; to: S['DemoAddr']; subject: string; text: string; hasHtml: boolean; at: string }
    DemoAbout: { logins: { name: string; email: string; password: string; role: string; brand: string }[]; inboxes: { name: string; address: string; locale: string }[]; customers: S['DemoAddr'][] }
  }
}
