import { isObject } from './schema-checks.ts'

const MAX_METADATA_CHARACTERS = 8_000

/** Slack's refusals of message metadata. */
export type MetadataError = 'invalid_metadata_format' | 'invalid_metadata_schema' | 'metadata_too_large'

/** What is wrong with message metadata, or undefined. An empty object removes metadata and is allowed on updates only. */
export function metadataError(metadata: unknown, isUpdate: boolean): MetadataError | undefined {
  if (metadata === undefined) return undefined
  if (!isObject(metadata)) return 'invalid_metadata_format'
  if (isUpdate && Object.keys(metadata).length === 0) return undefined
  const { event_type: eventType, event_payload: payload, ...others } = metadata
  const isNamed = typeof eventType === 'string' && /^\w+$/.test(eventType)
  if (!isNamed || !isObject(payload) || Object.keys(others).length > 0) return 'invalid_metadata_format'
  if (!Object.values(payload).every(isPayloadValue)) return 'invalid_metadata_schema'
  return JSON.stringify(metadata).length > MAX_METADATA_CHARACTERS ? 'metadata_too_large' : undefined
}

// The types of the official client allow one level of objects or of lists of objects below the payload, and no null.
function isPayloadValue(value: unknown): boolean {
  const nested = Array.isArray(value) ? value : isObject(value) ? [value] : undefined
  return nested === undefined
    ? isScalar(value)
    : nested.every((item) => isObject(item) && Object.values(item).every(isScalar))
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
