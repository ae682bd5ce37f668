import type { Mention } from '../../channel.ts'

/** A mention as it is configured, or why it is none. */
export type ParsedMention =
  | { readonly ok: true; readonly mention: Mention }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

const REMEDY =
  'Write `@here`, `@channel`, the id of a person (`U0123ABC`: profile → ⋮ → Copy member ID) or of a user group (`S0123ABC`).'

/** Reads who is called: `@here`, `@channel`, or the id of a person or a user group. A name is refused: names can change hands. */
export function parseMention(text: string): ParsedMention {
  if (text === '@here') return { ok: true, mention: { kind: 'here' } }
  if (text === '@channel' || text === '@everyone') return { ok: true, mention: { kind: 'everyone' } }
  if (/^[UW][A-Z0-9]{2,20}$/.test(text)) return { ok: true, mention: { kind: 'person', id: text } }
  if (/^S[A-Z0-9]{2,20}$/.test(text)) return { ok: true, mention: { kind: 'group', id: text } }
  const isName = /^[@#]?[\p{L}\p{N}][\p{L}\p{N}._ -]*$/u.test(text)
  const problem = isName ? 'is a name; Slack calls people and groups by their id' : 'is nobody that Slack could call'
  return { ok: false, problem, remedy: REMEDY }
}
