import type { Tx } from '../../store/database.ts'

/** One hour or one day of a tenant. */
export interface Period {
  readonly tenantId: string
  readonly stepHours: 1 | 24
  /** Where it begins, ms since 1970. */
  readonly at: number
}

/** The series that have rows in a period. */
export async function seriesIdsOf(tx: Tx, { tenantId, stepHours, at }: Period): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom('activity')
    .select('series_id')
    .distinct()
    .where('tenant_id', '=', tenantId)
    .where('step_hours', '=', stepHours)
    .where('at', '=', at)
    .execute()
  return rows.map(({ series_id }) => series_id)
}
