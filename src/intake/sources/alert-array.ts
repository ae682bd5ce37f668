import { type JsonScan, scanJson } from '../json-scan.ts'
import { type ElementRanges, MAX_JSON_ELEMENTS } from '../json-scan-ranges.ts'

export interface LocatedAlerts {
  readonly ranges: ElementRanges
  readonly nameOf: (index: number) => string
}

/**
 * The alerts of a body as Prometheus and its relatives send them: the `alerts` of the root object, the elements of
 * a root array (API v2), or the alerts of all groups of a root array of groups (API v2 `/alerts/groups`).
 * Null when the body is none of these, or holds more than MAX_JSON_ELEMENTS alerts in its groups.
 */
export function locateAlerts(bytes: Uint8Array, scan: JsonScan): LocatedAlerts | null {
  if (scan.elements === null) return isNullMember(bytes, scan) ? { ranges: NO_ALERTS, nameOf: nameInMember } : null
  if (scan.root === 'object') return { ranges: scan.elements, nameOf: nameInMember }
  const groups = alertsOfGroups(bytes, scan.elements)
  if (groups === null) return { ranges: scan.elements, nameOf: (index) => `[${index}]` }
  return groups.starts.length > MAX_JSON_ELEMENTS ? null : { ranges: groups, nameOf: nameInMember }
}

const NO_ALERTS: ElementRanges = { starts: new Uint32Array(0), ends: new Uint32Array(0) }
const nameInMember = (index: number): string => `alerts[${index}]`

/** Go writes an empty list that was never made as null. */
function isNullMember(bytes: Uint8Array, scan: JsonScan): boolean {
  const range = scan.members.get('alerts')
  return range !== undefined && range[1] - range[0] === 4 && bytes[range[0]] === 0x6e
}

/** The ranges of all alerts when the first element is a group; a later element that is none counts as an alert itself. */
function alertsOfGroups(bytes: Uint8Array, elements: ElementRanges): ElementRanges | null {
  const count = elements.starts.length
  const starts: number[] = []
  const ends: number[] = []
  for (let i = 0; i < count && starts.length <= MAX_JSON_ELEMENTS; i++) {
    const from = elements.starts[i] as number
    const to = elements.ends[i] as number
    const group = scanJson(bytes, { member: 'alerts', from, to })
    const alerts = group.ok && group.root === 'object' ? group.elements : null
    if (alerts === null && i === 0) return null
    for (let j = 0; j < (alerts?.starts.length ?? 0); j++) {
      starts.push(alerts?.starts[j] as number)
      ends.push(alerts?.ends[j] as number)
    }
    if (alerts === null) {
      starts.push(from)
      ends.push(to)
    }
  }
  return count === 0 ? null : { starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) }
}
