import { optionsOf } from '../input-element-rules.ts'
import type { JsonObject } from '../schema-checks.ts'

/** What a person chose or typed: the value of an option, an id, a text, or several of them. */
export type Choice = string | readonly string[]

const SELECTS: Readonly<Record<string, string>> = {
  users_select: 'user',
  conversations_select: 'conversation',
  channels_select: 'channel',
}
const ONE_OPTION = ['static_select', 'radio_buttons', 'overflow']

/** The part of an action or of a view's state that says what was chosen; fails on what the element does not offer. */
export function choose(element: JsonObject, choice: Choice | undefined): JsonObject {
  const type = String(element['type'])
  const filled = SELECTS[type]
  if (filled !== undefined) return { [`selected_${filled}`]: choice ?? element[`initial_${filled}`] ?? null }
  if (ONE_OPTION.includes(type)) {
    const selected = choice === undefined ? element['initial_option'] : optionOf(element, String(choice))
    return { selected_option: selected ?? null }
  }
  if (type === 'checkboxes') {
    const values = choice === undefined ? undefined : [choice].flat()
    return { selected_options: values?.map((value) => optionOf(element, value)) ?? element['initial_options'] ?? [] }
  }
  return { value: type === 'plain_text_input' ? typed(element, choice) : (element['value'] ?? null) }
}

function optionOf(element: JsonObject, value: string): JsonObject {
  const options = optionsOf(element)
  const option = options.find((one) => one['value'] === value)
  if (option !== undefined) return option
  const offered = options.map((one) => String(one['value'])).join(', ')
  throw new Error(`${String(element['action_id'])} does not offer ${value}, only ${offered}.`)
}

// Slack keeps people from submitting a text that is too short or too long.
function typed(element: JsonObject, choice: Choice | undefined): string | null {
  const text = choice ?? element['initial_value']
  if (text === undefined || text === '') return null
  const value = String(text)
  const { min_length: min = 0, max_length: max = 3000 } = element
  if (value.length < Number(min) || value.length > Number(max)) {
    throw new Error(
      `${String(element['action_id'])} takes ${String(min)} to ${String(max)} characters, not ${value.length}.`,
    )
  }
  return value
}
