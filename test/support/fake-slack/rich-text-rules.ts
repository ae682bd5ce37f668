import {
  checkArray,
  checkObject,
  checkOneOf,
  checkString,
  checkType,
  checkUrl,
  isObject,
  reportAt,
  type Spot,
  spotOf,
} from './schema-checks.ts'

const MANY = 1_000
const STYLES = 'bold italic strike code underline highlight client_highlight unlink'

// Required and optional keys of every inline element beside `type` and `style`.
const INLINE: Readonly<Record<string, { readonly required: string; readonly optional?: string }>> = {
  text: { required: 'text' },
  link: { required: 'url', optional: 'text unsafe' },
  emoji: { required: 'name', optional: 'unicode url' },
  user: { required: 'user_id' },
  usergroup: { required: 'usergroup_id' },
  channel: { required: 'channel_id' },
  team: { required: 'team_id' },
  broadcast: { required: 'range' },
  color: { required: 'value' },
  date: { required: 'timestamp format', optional: 'url fallback' },
}

/** Checks the elements of a rich_text block. */
export function checkRichText(spot: Spot): void {
  checkArray(spotOf(spot, 'elements'), { min: 1, max: MANY }, checkPart)
}

function checkPart(spot: Spot): void {
  const type = isObject(spot.value) ? spot.value['type'] : undefined
  if (type === 'rich_text_list') return void checkList(spot)
  if (type !== 'rich_text_section' && type !== 'rich_text_quote' && type !== 'rich_text_preformatted') {
    return void reportAt(spot, `unsupported type: ${String(type)}`)
  }
  checkObject(spot, { required: 'type elements', optional: type === 'rich_text_section' ? '' : 'border language' })
  checkArray(spotOf(spot, 'elements'), { min: 0, max: MANY }, checkInline)
}

function checkList(spot: Spot): void {
  checkObject(spot, { required: 'type style elements', optional: 'indent offset border' })
  checkOneOf(spotOf(spot, 'style'), ['bullet', 'ordered'])
  checkOneOf(spotOf(spot, 'indent'), [0, 1, 2, 3, 4, 5, 6, 7, 8])
  checkArray(spotOf(spot, 'elements'), { min: 1, max: MANY }, checkPart)
}

function checkInline(spot: Spot): void {
  const type = isObject(spot.value) ? spot.value['type'] : undefined
  const keys = typeof type === 'string' ? INLINE[type] : undefined
  if (keys === undefined) return void reportAt(spot, `unsupported type: ${String(type)}`)
  checkObject(spot, { required: `type ${keys.required}`, optional: `style ${keys.optional ?? ''}` })
  for (const key of ['text', 'name', 'user_id', 'usergroup_id', 'channel_id', 'team_id']) {
    checkString(spotOf(spot, key), { max: 12_000 })
  }
  checkUrl(spotOf(spot, 'url'))
  checkType(spotOf(spot, 'timestamp'), 'number')
  checkOneOf(spotOf(spot, 'range'), ['here', 'channel', 'everyone'])
  const style = spotOf(spot, 'style')
  if (style.value !== undefined) checkObject(style, { required: '', optional: STYLES })
}
