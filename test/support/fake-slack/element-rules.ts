import {
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

/** Which text objects a place takes, and how long. */
export interface TextLimits {
  readonly max: number
  readonly only?: 'plain_text' | 'mrkdwn'
}

/** Checks a text object: `plain_text` or `mrkdwn`. */
export function checkText(spot: Spot, limits: TextLimits): void {
  if (spot.value === undefined) return
  if (!isObject(spot.value)) return void reportAt(spot, 'must be an object')
  const type = spot.value['type']
  if (type !== 'plain_text' && type !== 'mrkdwn') return void reportAt(spot, `unsupported type: ${String(type)}`)
  if (limits.only !== undefined && type !== limits.only) return void reportAt(spot, `must be of type ${limits.only}`)
  checkObject(spot, { required: 'type text', optional: type === 'plain_text' ? 'emoji' : 'verbatim' })
  checkString(spotOf(spot, 'text'), { max: limits.max })
  for (const flag of ['emoji', 'verbatim']) checkType(spotOf(spot, flag), 'boolean')
}

/** Checks a button, in an actions block or as an accessory. */
export function checkButton(spot: Spot): void {
  const optional = 'action_id url value style confirm accessibility_label'
  if (!checkObject(spot, { required: 'type text', optional })) return
  checkText(spotOf(spot, 'text'), { max: 75, only: 'plain_text' })
  checkString(spotOf(spot, 'action_id'), { max: 255 })
  checkString(spotOf(spot, 'value'), { min: 0, max: 2000 })
  checkString(spotOf(spot, 'accessibility_label'), { max: 75 })
  checkUrl(spotOf(spot, 'url'))
  checkOneOf(spotOf(spot, 'style'), ['primary', 'danger'])
}

/** Checks an image element, in a context block or as an accessory. */
export function checkImageElement(spot: Spot): void {
  if (!checkObject(spot, { required: 'type alt_text', optional: 'image_url slack_file' })) return
  checkImageSource(spot)
}

/** Checks that an image comes from exactly one place and says what it shows. */
export function checkImageSource(spot: Spot): void {
  const sources = ['image_url', 'slack_file'].filter((key) => spotOf(spot, key).value !== undefined)
  if (sources.length !== 1) reportAt(spot, 'must define either `image_url` or `slack_file`')
  checkUrl(spotOf(spot, 'image_url'))
  checkString(spotOf(spot, 'alt_text'), { max: 2000 })
}

/** Checks the question that is asked before an action happens. */
export function checkConfirm(spot: Spot): void {
  if (spot.value === undefined) return
  if (!checkObject(spot, { required: 'text', optional: 'title confirm deny style' })) return
  checkText(spotOf(spot, 'title'), { max: 100, only: 'plain_text' })
  checkText(spotOf(spot, 'text'), { max: 300 })
  for (const label of ['confirm', 'deny']) checkText(spotOf(spot, label), { max: 30, only: 'plain_text' })
  checkOneOf(spotOf(spot, 'style'), ['primary', 'danger'])
}
