import { checkArray, checkObject, checkString, checkType, checkUrl, type Spot, spotOf } from './schema-checks.ts'

/** The highest number of attachments that Slack takes with one message. */
export const MAX_ATTACHMENTS = 100

const LEGACY_TEXTS = ['fallback', 'pretext', 'author_name', 'title', 'text', 'footer', 'callback_id'] as const
const LEGACY_URLS = ['author_link', 'author_icon', 'title_link', 'image_url', 'thumb_url', 'footer_icon'] as const
const OPTIONAL = [...LEGACY_TEXTS, ...LEGACY_URLS, 'author_subname color fields ts mrkdwn_in blocks id'].join(' ')

/** Checks everything of an attachment but its blocks; those obey the rules of every other block. */
export function checkAttachment(spot: Spot): void {
  if (!checkObject(spot, { required: '', optional: OPTIONAL })) return
  for (const key of LEGACY_TEXTS) checkString(spotOf(spot, key), { min: 0, max: 8_000 })
  for (const key of LEGACY_URLS) checkUrl(spotOf(spot, key))
  checkColor(spotOf(spot, 'color'))
  checkArray(spotOf(spot, 'fields'), { min: 0, max: 100 }, checkField)
}

function checkField(spot: Spot): void {
  if (!checkObject(spot, { required: 'title value', optional: 'short' })) return
  for (const key of ['title', 'value']) checkString(spotOf(spot, key), { min: 0, max: 8_000 })
  checkType(spotOf(spot, 'short'), 'boolean')
}

// Slack ignores a colour that it does not understand; here it is an error, because nobody means it.
function checkColor(spot: Spot): void {
  const isColor = typeof spot.value === 'string' && /^(good|warning|danger|#?[0-9a-f]{6})$/i.test(spot.value)
  if (spot.value !== undefined && !isColor) spot.report(`must be a colour [json-pointer:${spot.pointer}]`)
}
