import { createHash } from 'node:crypto'
import { isObject, type JsonObject } from './schema-checks.ts'

/**
 * Gives every block a block_id and everything that can be clicked an action_id where the app named none, as Slack
 * does before it shows them. The same place in the same message always gets the same id.
 */
export function withGeneratedIds<T extends JsonObject>(content: T, seed: string): T {
  const blocks = content['blocks']
  const attachments = content['attachments']
  return {
    ...content,
    ...(Array.isArray(blocks) ? { blocks: identify(blocks, seed) } : {}),
    ...(Array.isArray(attachments)
      ? {
          attachments: attachments.map((item, index) =>
            isObject(item) ? { id: index + 1, ...withGeneratedIds(item, `${seed}/${index}`) } : item,
          ),
        }
      : {}),
  }
}

function identify(blocks: readonly unknown[], seed: string): unknown[] {
  return blocks.map((block, index) => {
    if (!isObject(block)) return block
    const { elements, accessory, element } = block
    const place = `${seed}/blocks/${index}`
    const isActions = block['type'] === 'actions' && Array.isArray(elements)
    return {
      block_id: shortId(place),
      ...block,
      ...(isActions ? { elements: elements.map((one, at) => withActionId(one, `${place}/${at}`)) } : {}),
      ...(accessory === undefined ? {} : { accessory: withActionId(accessory, `${place}/accessory`) }),
      ...(element === undefined ? {} : { element: withActionId(element, `${place}/element`) }),
    }
  })
}

function withActionId(element: unknown, place: string): unknown {
  return isObject(element) && element['type'] !== 'image' ? { action_id: shortId(place), ...element } : element
}

function shortId(place: string): string {
  return createHash('sha1').update(place).digest('base64url').slice(0, 5)
}
