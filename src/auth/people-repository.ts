import type { Person, Role } from '../domain/person.ts'
import type { Db, Tx } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import { racingWrite } from '../store/racing-write.ts'
import { lockRows } from '../store/row-locks.ts'
import type { PersonTable } from '../store/tables/people-tables.ts'
import { inTransaction } from '../store/transaction.ts'

export interface PeopleDeps {
  readonly db: Db
  readonly newId: NewId
  readonly now: () => number
}

/** An account in a chat workspace. */
export interface ChatAccount {
  readonly teamId: string
  readonly userId: string
}

/**
 * Makes the stored people those of the configuration. Who is named no more may do nothing more; who comes back keeps the old
 * id. Nodes that start together do it one after the other.
 */
export async function syncPeople(
  { db, newId, now }: PeopleDeps,
  tenantId: string,
  declared: readonly Omit<Person, 'id'>[],
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const stored = await lockRows(
      tx.selectFrom('person').selectAll().where('tenant_id', '=', tenantId).orderBy('id'),
    ).execute()
    const at = now()
    for (const { name, role, email } of declared) {
      const known = stored.find((row) => row.email === email.toLowerCase())
      const row = { name, role, email: email.toLowerCase(), removed_at: null }
      if (!known) {
        const person = { ...row, tenant_id: tenantId, id: newId(at) }
        await racingWrite(tx, () => tx.insertInto('person').values(person).execute())
      } else await updatePersonTx(tx, known, row)
    }
    const emails = new Set(declared.map(({ email }) => email.toLowerCase()))
    for (const row of stored)
      if (!emails.has(row.email) && row.removed_at === null) await updatePersonTx(tx, row, { removed_at: at })
  })
}

async function updatePersonTx(tx: Tx, { tenant_id, id }: PersonTable, change: Partial<PersonTable>): Promise<void> {
  await tx.updateTable('person').set(change).where('tenant_id', '=', tenant_id).where('id', '=', id).execute()
}

/**
 * The person behind a chat account: by its e-mail where that is known (the account is linked then), otherwise by the
 * link of earlier. Null when the configuration names nobody like that.
 */
export async function findPersonOf(
  db: Db,
  tenantId: string,
  account: ChatAccount & { readonly email: string | null },
  now: number,
): Promise<Person | null> {
  if (account.email === null) return await linkedPerson(db, tenantId, account)
  const row = await db
    .selectFrom('person')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('email', '=', account.email.toLowerCase())
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  if (!row) return null
  await linkAccount(db, tenantId, account, { personId: row.id, now })
  return personOf(row)
}

async function linkedPerson(db: Db, tenantId: string, { teamId, userId }: ChatAccount): Promise<Person | null> {
  const row = await db
    .selectFrom('person_link')
    .innerJoin('person', (join) =>
      join.onRef('person.tenant_id', '=', 'person_link.tenant_id').onRef('person.id', '=', 'person_link.person_id'),
    )
    .selectAll('person')
    .where('person_link.tenant_id', '=', tenantId)
    .where('person_link.team_id', '=', teamId)
    .where('person_link.user_id', '=', userId)
    .where('person.removed_at', 'is', null)
    .executeTakeFirst()
  return row ? personOf(row) : null
}

async function linkAccount(
  db: Db,
  tenantId: string,
  { teamId, userId }: ChatAccount,
  { personId, now }: { readonly personId: string; readonly now: number },
): Promise<void> {
  const links = db
    .selectFrom('person_link')
    .select('person_id')
    .where('tenant_id', '=', tenantId)
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
  if ((await links.executeTakeFirst())?.person_id === personId) return
  await inTransaction(db, async (tx) => {
    await tx
      .deleteFrom('person_link')
      .where('tenant_id', '=', tenantId)
      .where('team_id', '=', teamId)
      .where('user_id', '=', userId)
      .execute()
    const link = { tenant_id: tenantId, team_id: teamId, user_id: userId, person_id: personId, linked_at: now }
    await racingWrite(tx, () => tx.insertInto('person_link').values(link).execute())
  })
}

function personOf({ id, name, email, role }: PersonTable): Person {
  return { id, name, email, role: role as Role }
}
