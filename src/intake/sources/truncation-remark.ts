import type { JsonRecord } from '../json-scan-values.ts'

/** What people must know when the sender left alerts out of the body (`max_alerts`); empty when it did not. */
export function truncationRemark(body: JsonRecord): readonly string[] {
  const count = body.truncatedAlerts
  if (typeof count !== 'number' || !(count > 0)) return []
  return [
    `${count} alerts were left out by the sender (max_alerts); they are not known until a later delivery holds them.`,
  ]
}
