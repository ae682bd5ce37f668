import { hash } from 'node:crypto'
import type { Db } from '../../../../store/database.ts'
import { racingWrite } from '../../../../store/racing-write.ts'
import { inTransaction } from '../../../../store/transaction.ts'

/** What Slack says of the workspace of a bot token. */
export interface WorkspaceIdentity {
  readonly teamId: string
  readonly botUserId: string
  /** Null until a request was accepted, or Socket Mode has named it. */
  readonly appId: string | null
}

interface Named {
  readonly name: string
  readonly botToken: string
}

/** What is known of a workspace, as long as its token is the one that was asked with; null when nothing is. */
export async function loadIdentity(
  db: Db,
  tenantId: string,
  { name, botToken }: Named,
): Promise<WorkspaceIdentity | null> {
  const row = await db
    .selectFrom('slack_workspace')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('token_hash', '=', hashOf(botToken))
    .executeTakeFirst()
  return row ? { teamId: row.team_id, botUserId: row.bot_user_id, appId: row.app_id } : null
}

/** Remembers what `auth.test` answered. Of a new token the app is not known yet. */
export async function saveIdentity(
  db: Db,
  tenantId: string,
  { name, botToken }: Named,
  { teamId, botUserId, now }: Pick<WorkspaceIdentity, 'teamId' | 'botUserId'> & { readonly now: number },
): Promise<void> {
  const row = { team_id: teamId, bot_user_id: botUserId, seen_at: now }
  await inTransaction(db, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('slack_workspace')
      .set(row)
      .where('tenant_id', '=', tenantId)
      .where('name', '=', name)
      .where('token_hash', '=', hashOf(botToken))
      .executeTakeFirst()
    if (numUpdatedRows > 0n) return
    await tx.deleteFrom('slack_workspace').where('tenant_id', '=', tenantId).where('name', '=', name).execute()
    const identity = { ...row, tenant_id: tenantId, name, token_hash: hashOf(botToken), app_id: null }
    await racingWrite(tx, () => tx.insertInto('slack_workspace').values(identity).execute())
  })
}

/** Binds a workspace to the app whose request was accepted first; later ones change nothing. */
export async function bindApp(
  db: Db,
  tenantId: string,
  { name, appId }: { name: string; appId: string },
): Promise<void> {
  await db
    .updateTable('slack_workspace')
    .set({ app_id: appId })
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('app_id', 'is', null)
    .execute()
}

function hashOf(botToken: string): string {
  return hash('sha256', botToken).slice(0, 32)
}
