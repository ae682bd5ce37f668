import type { Db } from '../../../store/database.ts'
import { createNewId } from '../../../store/new-id.ts'
import { inTransaction } from '../../../store/transaction.ts'
import { violatesUnique } from '../../../store/unique-violation.ts'
import { partitionNames } from '../partitioned-seq.ts'

/**
 * The names of the partitions of the log in this database, which is made when it is not there. Throws, with the remedy, when it was
 * made with another number of partitions.
 */
export async function openTablePartitions(db: Db, count: number): Promise<readonly string[]> {
  const { id, partitions } = (await readIdentity(db)) ?? (await makeLog(db, count))
  if (partitions !== count) {
    throw new Error(
      `The delivery log in this database was made with ${partitions} partitions, and the configuration says ${count}. The number cannot be changed later: set \`log.partitions\` to ${partitions}`,
    )
  }
  return partitionNames(id, partitions)
}

/** The names of the partitions of the log in this database; null where none was made. Throws what the database throws. */
export async function findTablePartitions(db: Db): Promise<readonly string[] | null> {
  const identity = await readIdentity(db)
  return identity ? partitionNames(identity.id, identity.partitions) : null
}

interface Identity {
  readonly id: string
  readonly partitions: number
}

async function readIdentity(db: Db): Promise<Identity | undefined> {
  return await db.selectFrom('delivery_log').select(['id', 'partitions']).where('only_row', '=', 1).executeTakeFirst()
}

async function makeLog(db: Db, partitions: number): Promise<Identity> {
  const made = { id: createNewId()(Date.now()), partitions }
  const counters = Array.from({ length: partitions }, (_, index) => ({
    partition_index: index,
    last_count: 0,
    trimmed_count: 0,
    stored_bytes: 0,
  }))
  try {
    await inTransaction(db, async (tx) => {
      await tx
        .insertInto('delivery_log')
        .values({ only_row: 1, ...made })
        .execute()
      await tx.insertInto('delivery_partition').values(counters).execute()
    })
    return made
  } catch (error) {
    // Another node was first.
    const other = violatesUnique(error, 'delivery_log', 'only_row') ? await readIdentity(db) : undefined
    if (other === undefined) throw error
    return other
  }
}
