import { isObject, type JsonObject } from '../schema-checks.ts'

/** Something that can be clicked, and the block that it is in. */
export interface FoundElement {
  readonly block: JsonObject
  readonly element: JsonObject
  /** Counted from one, when it is inside an attachment. */
  readonly attachmentId?: number
}

/** What a person looks for. */
export interface WantedElement {
  readonly actionId: string
  readonly blockId?: string | undefined
  /** The value of a button, where several have the same action_id. */
  readonly value?: string | undefined
}

/** Finds what a person wants to click in what is really shown; fails when it is not there, or there twice. */
export function findElement(content: JsonObject, wanted: WantedElement): FoundElement {
  const shown = elementsIn(content)
  const { actionId, blockId, value } = wanted
  const found = shown.filter(
    ({ block, element }) =>
      element['action_id'] === actionId &&
      (blockId === undefined || block['block_id'] === blockId) &&
      (value === undefined || element['value'] === value),
  )
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  const names = shown.map(
    ({ block, element }) => `${block['block_id']}/${element['action_id']}=${element['value'] ?? ''}`,
  )
  const problem = first === undefined ? 'Nothing' : 'More than one thing'
  throw new Error(
    `${problem} shown fits ${JSON.stringify(wanted)}. There is: ${names.join(', ') || 'nothing to click'}`,
  )
}

/** Everything that can be clicked or filled in, in the order in which it is shown. */
export function elementsIn(content: JsonObject): readonly FoundElement[] {
  const attachments = Array.isArray(content['attachments']) ? content['attachments'].filter(isObject) : []
  const inside = attachments.flatMap((attachment, index) =>
    elementsOf(attachment).map((found) => ({ ...found, attachmentId: index + 1 })),
  )
  return [...elementsOf(content), ...inside]
}

function elementsOf(content: JsonObject): FoundElement[] {
  const blocks = Array.isArray(content['blocks']) ? content['blocks'].filter(isObject) : []
  return blocks.flatMap((block) => {
    const listed = block['type'] === 'actions' && Array.isArray(block['elements']) ? block['elements'] : []
    const all = [...listed, block['accessory'], block['element']].filter(isObject)
    return all.filter((element) => element['type'] !== 'image').map((element) => ({ block, element }))
  })
}
