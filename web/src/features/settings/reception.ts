// What the editor of a chat's reception reckons.
import type { Reception } from '$lib/api/types'
import { choicesOf, emptyText, type FormText } from './forms'

export type Prompt = Reception['prompts'][number]
export type Answer = Reception['answers'][number]
type Field = Reception['form']['fields'][number]
export const fieldTypes = ['name', 'email', 'text', 'choice'] as const satisfies readonly Field['type'][]
export const whens = ['never', 'always', 'closed', 'unknown'] as const satisfies readonly Reception['form']['when'][]

/** A field while it is edited: its choices are lines in each language. */
export type DraftField = Omit<Field, 'choices'> & { choices: FormText }

export const drafted = (list: Field[]): DraftField[] =>
  list.map((f) => ({ ...f, label: { ...f.label }, choices: { ja: f.choices.map((c) => c.ja).join('\n'), en: f.choices.map((c) => c.en).join('\n') } }))
export const finished = (list: DraftField[]): Field[] => list.map((f) => ({ ...f, choices: f.type === 'choice' ? choicesOf(f.choices) : [] }))

/** A key that no other entry has; keys stay when entries are moved. */
export function freeKey(prefix: string, taken: string[]): string {
  for (let n = 1; ; n++) if (!taken.includes(`${prefix}${n}`)) return `${prefix}${n}`
}

export const newField = (list: DraftField[]): DraftField => ({ name: freeKey('f', list.map((f) => f.name)), type: 'text', label: emptyText(), required: false, choices: emptyText() })
export const newPrompt = (list: Prompt[]): Prompt => ({ id: freeKey('i', list.map((i) => i.id)), active: true, text: emptyText(), page: '', after: 20, pages: 0, scroll: 0, returning: false, open: true, days: 7 })
/** An answer that was removed must not pass its votes on, so its key is made by chance. */
export const newAnswer = (): Answer => ({ id: `a${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`, title: emptyText(), body: emptyText() })
