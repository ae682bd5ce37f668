import { checkText } from './element-rules.ts'
import {
  checkArray,
  checkObject,
  checkString,
  checkType,
  checkUrl,
  isObject,
  reportAt,
  type Spot,
  spotOf,
} from './schema-checks.ts'

/** How many options a choice takes, and what an option may be made of. */
interface ChoiceLimits {
  readonly max: number
  readonly text?: 'plain_text'
  readonly hasUrl?: boolean
}

const PLAIN_CHOICE: ChoiceLimits = { max: 100, text: 'plain_text' }

/** Checks an overflow menu: one to five options, which may open a URL. */
export function checkOverflow(spot: Spot): void {
  if (!checkKeys(spot, 'options', 'confirm')) return
  checkOptions(spot, { max: 5, text: 'plain_text', hasUrl: true })
}

/** Checks radio buttons: one to ten options. */
export function checkRadioButtons(spot: Spot): void {
  if (!checkKeys(spot, 'options', 'initial_option confirm focus_on_load')) return
  checkOptions(spot, { max: 10 })
  checkInitial(spot, 'initial_option')
}

/** Checks checkboxes: one to ten options, of which several can be chosen beforehand. */
export function checkCheckboxes(spot: Spot): void {
  if (!checkKeys(spot, 'options', 'initial_options confirm focus_on_load')) return
  checkOptions(spot, { max: 10 })
  checkArray(spotOf(spot, 'initial_options'), { min: 1, max: 10 }, (option) => checkIsOffered(spot, option))
}

/** Checks a menu of fixed options: a hundred at most, or a hundred groups of them. */
export function checkStaticSelect(spot: Spot): void {
  if (!checkKeys(spot, '', 'options option_groups initial_option placeholder confirm focus_on_load')) return
  const [options, groups] = [spotOf(spot, 'options'), spotOf(spot, 'option_groups')]
  if ((options.value === undefined) === (groups.value === undefined)) {
    reportAt(spot, 'must define either `options` or `option_groups`')
  }
  checkOptions(spot, PLAIN_CHOICE)
  checkArray(groups, { min: 1, max: 100 }, (group) => {
    if (!checkObject(group, { required: 'label options' })) return
    checkText(spotOf(group, 'label'), { max: 75, only: 'plain_text' })
    checkOptions(group, PLAIN_CHOICE)
  })
  checkInitial(spot, 'initial_option')
  checkText(spotOf(spot, 'placeholder'), { max: 150, only: 'plain_text' })
}

/** Makes the check of a menu that Slack fills itself, with people, conversations or channels. */
export function checkFilledSelect(initial: string, extra = ''): (spot: Spot) => void {
  return (spot) => {
    if (!checkKeys(spot, '', `${initial} ${extra} placeholder confirm focus_on_load`)) return
    checkString(spotOf(spot, initial), { max: 255 })
    checkText(spotOf(spot, 'placeholder'), { max: 150, only: 'plain_text' })
  }
}

/** Checks a field that people type into: 3,000 characters at most. */
export function checkPlainTextInput(spot: Spot): void {
  const optional = 'initial_value multiline min_length max_length dispatch_action_config focus_on_load placeholder'
  if (!checkKeys(spot, '', optional)) return
  checkString(spotOf(spot, 'initial_value'), { min: 0, max: 3000 })
  checkType(spotOf(spot, 'multiline'), 'boolean')
  checkWhole(spotOf(spot, 'min_length'), 0)
  checkWhole(spotOf(spot, 'max_length'), 1)
  checkText(spotOf(spot, 'placeholder'), { max: 150, only: 'plain_text' })
}

/** Every option of a choice, those in groups included. */
export function optionsOf(element: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  const groups = Array.isArray(element['option_groups']) ? element['option_groups'] : []
  const lists = [element['options'], ...groups.map((group) => (isObject(group) ? group['options'] : undefined))]
  return lists.flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []))
}

function checkKeys(spot: Spot, required: string, optional: string): boolean {
  if (!checkObject(spot, { required: `type ${required}`, optional: `action_id ${optional}` })) return false
  checkString(spotOf(spot, 'action_id'), { max: 255 })
  checkType(spotOf(spot, 'focus_on_load'), 'boolean')
  return true
}

function checkOptions(spot: Spot, limits: ChoiceLimits): void {
  const values = new Set<unknown>()
  checkArray(spotOf(spot, 'options'), { min: 1, max: limits.max }, (option) => {
    const optional = limits.hasUrl === true ? 'description url' : 'description'
    if (!checkObject(option, { required: 'text value', optional })) return
    checkText(spotOf(option, 'text'), { max: 75, ...(limits.text === undefined ? {} : { only: limits.text }) })
    checkString(spotOf(option, 'value'), { max: 150 })
    checkText(spotOf(option, 'description'), { max: 75 })
    checkUrl(spotOf(option, 'url'))
    const { value } = spotOf(option, 'value')
    if (values.has(value)) reportAt(option, `duplicate value: ${String(value)}`)
    values.add(value)
  })
}

function checkInitial(spot: Spot, key: string): void {
  const initial = spotOf(spot, key)
  if (initial.value !== undefined) checkIsOffered(spot, initial)
}

// Slack refuses a choice made beforehand that is not, to the letter, one of the options.
function checkIsOffered(spot: Spot, initial: Spot): void {
  const offered = optionsOf(isObject(spot.value) ? spot.value : {}).map((option) => JSON.stringify(option))
  if (!offered.includes(JSON.stringify(initial.value))) reportAt(initial, 'must be one of the provided options')
}

function checkWhole(spot: Spot, min: number): void {
  if (spot.value === undefined) return
  const isFine = Number.isInteger(spot.value) && Number(spot.value) >= min && Number(spot.value) <= 3000
  if (!isFine) reportAt(spot, `must be an integer between ${min} and 3000`)
}
