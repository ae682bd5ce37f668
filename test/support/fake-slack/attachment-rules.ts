import {
  checkArray,
  checkObject,
  checkOneOf,
  checkString,
  checkType,
  checkUrl,
  reportAt,
  type Spot,
  spotOf,
} from './schema-checks.ts'

/** The highest number of attachments that Slack takes with one message. */
export const MAX_ATTACHMENTS = 100

// `fallback` is in no documentation, but in every message of Alertmanager, and Slack takes those.
const MRKDWN_PLACES = ['pretext', 'text', 'fields', 'fallback']
const LEGACY_TEXTS = ['fallback', 'pretext', 'author_name', 'title', 'text', 'footer', 'callback_id'] as const
const LEGACY_URLS = ['author_link', 'author_icon', 'title_link', 'image_url', 'thumb_url', 'footer_icon'] as const
const OPTIONAL = [...LEGACY_TEXTS, ...LEGACY_URLS, 'author_subname color fields ts mrkdwn_in blocks id'].join(' ')

/** Checks everything of an attachment but its blocks; those obey the rules of every other block. */
export function checkAttachment(spot: Spot): void {
  if (!checkObject(spot, { required: '', optional: OPTIONAL })) return
  for (const key of LEGACY_TEXTS) checkString(spotOf(spot, key), { min: 0, max: 8_000 })
  for (const key of LEGACY_URLS) checkUrl(spotOf(spot, key))
  checkColor(spotOf(spot, 'color'))
  checkTs(spotOf(spot, 'ts'))
  checkArray(spotOf(spot, 'mrkdwn_in'), { min: 0, max: MRKDWN_PLACES.length }, (place) =>
    checkOneOf(place, MRKDWN_PLACES),
  )
  checkMixture(spot)
  checkArray(spotOf(spot, 'fields'), { min: 0, max: 100 }, checkField)
}

// Beside blocks Slack leaves out everything else but colour and fallback without a word, and nobody means that.
function checkMixture(spot: Spot): void {
  if (spotOf(spot, 'blocks').value === undefined) return
  const lost = ['pretext', 'author_name', 'title', 'text', 'footer', 'fields', 'image_url', 'thumb_url', 'ts']
  for (const key of lost) {
    if (spotOf(spot, key).value !== undefined) reportAt(spotOf(spot, key), `is not shown beside blocks: ${key}`)
  }
}

function checkTs(spot: Spot): void {
  const isTs = /^\d{1,10}(\.\d+)?$/.test(String(spot.value))
  if (spot.value !== undefined && !isTs) reportAt(spot, 'must be seconds since 1970')
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
