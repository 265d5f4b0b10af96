// Events of a thread in one line of words.
import type { Conversation, Message } from '$lib/api/types'
import { agentName, directory } from '$lib/directory.svelte'
import { t, tMaybe } from '$lib/i18n/i18n.svelte'
import { nameOf } from '$lib/person/name'
import { clock, dateTime, moment } from '$lib/time.svelte'

/** Who wrote or did it. */
export function author(m: Message): string {
  if (m.author.kind === 'agent') return agentName(m.author.id) || m.author.name
  if (m.author.kind === 'customer') return m.author.name || m.from?.address ? nameOf({ name: m.author.name, address: m.from?.address }) : t('inbox.author.customer')
  if (m.author.kind === 'system') return t('inbox.author.system')
  return m.author.name || t('inbox.author.rule')
}

/** What a row of the list says: the last words, or what came in their place. */
export function rowWords(c: Pick<Conversation, 'preview' | 'last' | 'lastMessageAt'>): string {
  if (c.preview || !c.last) return c.preview
  const { name, data } = c.last
  if (name !== 'call') return tMaybe(`inbox.thing.${name}`, t('inbox.row.wordless'))
  const wish = data.wish ? tMaybe(`inbox.thing.call.wish.${data.wish}`, '') : ''
  // A caller enters a time of day alone.
  const wanted = !data.at ? wish : /^\d\d:\d\d$/.test(data.at) ? data.at : moment(data.at)
  if (data.state === 'callback' && wanted) return t('inbox.row.callback', { at: wanted })
  return t('inbox.row.call', { call: tMaybe(`inbox.thing.call.${data.state}`, t('inbox.thing.call')), at: clock(c.lastMessageAt) })
}

/** One line for an entry of kind "event"; `along` are the tags that were set or taken with it. */
export function eventWords(m: Message, along: Message[] = []): string {
  const name = (m.event?.name ?? '').replace(/^conversation\./, '')
  const data = m.event?.data ?? {}
  const who = m.author.kind === 'agent' ? t('inbox.who', { name: author(m) }) : author(m)
  const named = (name: string) => t('inbox.who', { name })
  const text = (key: string) => (typeof data[key] === 'string' ? (data[key] as string) : '')
  switch (name) {
    case 'status': {
      const status = text('to') || text('status')
      const until = text('snoozedUntil') || text('until')
      if (status === 'snoozed' && until) return t('inbox.event.snoozed', { who, time: dateTime(until) })
      return t('inbox.event.status', { who, status: tMaybe(`app.status.${status}`, status) })
    }
    case 'assigned': {
      const id = text('assigneeId')
      if (id && m.author.kind === 'agent' && id === m.author.id) return t('inbox.event.took', { who })
      const to = agentName(id) || text('assigneeName')
      if (to) return t('inbox.event.assigned', { who, name: named(to) })
      const team = directory.teams.get(text('teamId'))?.name ?? text('teamName')
      return team ? t('inbox.event.assigned', { who, name: team }) : t('inbox.event.unassigned', { who })
    }
    case 'released':
      return t('inbox.event.released', { name: named(text('assigneeName')) })
    case 'tagged': {
      const tag = [m, ...along].map((e) => e.event?.data.tagName || directory.tags.get(e.event?.data.tagId)?.name || '').join(t('inbox.event.tagJoin'))
      return t(String(data.added) === 'false' ? 'inbox.event.untagged' : 'inbox.event.tagged', { who, tag, n: along.length + 1 })
    }
    case 'priority':
      return t('inbox.event.priority', { who, priority: tMaybe(`app.priority.${text('to')}`, text('to')) })
    case 'subject':
      return t('inbox.event.subject', { who, subject: text('to') })
    case 'merged':
    case 'split':
    case 'cameFrom':
    case 'unmerged':
      return t(`inbox.event.${name}`, { who, ref: text('ref') })
    case 'parted':
      return t('inbox.event.parted', { who, name: text('name') })
    case 'bounced':
      return t('inbox.event.bounced', { recipients: text('recipients'), text: text('text') || text('reason') })
    case 'switched':
      return t('inbox.event.switched', { from: text('fromName'), to: text('toName') })
    case 'contact':
      return text('state') === 'ended' ? t('inbox.event.contact.ended') : t('inbox.event.contact.allowed')
    case 'mailed':
      return t('inbox.event.mailed', { address: text('address') })
    case 'undelivered':
      return text('state') === 'ambiguous' ? t('inbox.event.ambiguous') : t('inbox.event.undelivered', { error: text('error') })
    case 'case.opened':
    case 'case.reopened':
    case 'case.closed':
    case 'case.outcome': {
      const owner = agentName(text('ownerId')) || text('ownerName')
      const outcome = text('outcome') && tMaybe(`playbook.outcome.${text('outcome')}`, text('outcome'))
      return t(`inbox.event.${name}`, { ref: text('ref'), severity: text('severity'), owner: owner ? named(owner) : t('inbox.event.case.nobody'), outcome })
    }
    default:
      return tMaybe(`inbox.event.${name}`, `${who}: ${name}`, { who })
  }
}

/** The other conversation, or the case, that an event speaks of. */
export function eventLink(m: Message): string | undefined {
  const about = m.event?.data.caseId
  if (typeof about === 'string') return `/cases/${about}`
  const id = m.event?.data.conversationId
  return typeof id === 'string' && id !== m.conversationId ? `/inbox/all/${id}?status=any` : undefined
}
