import type { JsonObject } from '../schema-checks.ts'
import { type Choice, choose } from './choose.ts'
import { elementsIn } from './find-element.ts'

/** What a person filled in, by action_id. */
export type FormValues = Readonly<Record<string, Choice>>

/** The `state.values` of what is shown; with `isSubmitted` fails when something required is empty, as Slack does. */
export function stateOf(content: JsonObject, values: FormValues, isSubmitted = false): JsonObject {
  const state: Record<string, Record<string, JsonObject>> = {}
  const known = new Set<string>()
  for (const { block, element } of elementsIn(content)) {
    const [actionId, type] = [String(element['action_id']), String(element['type'])]
    if (type === 'button' || type === 'overflow') continue
    known.add(actionId)
    const chosen = choose(element, values[actionId])
    const isRequired = isSubmitted && block['type'] === 'input' && block['optional'] !== true
    if (isRequired && Object.values(chosen).every(isNothing)) throw new Error(`${actionId} must be filled in.`)
    const blockId = String(block['block_id'])
    state[blockId] = { ...state[blockId], [actionId]: { type, ...chosen } }
  }
  const unknown = Object.keys(values).filter((name) => !known.has(name))
  if (unknown.length > 0) throw new Error(`There is no field ${unknown.join(', ')}, only ${[...known].join(', ')}.`)
  return state
}

function isNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0)
}
