import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deliveryOf } from '../../../test/conformance/delivery-log.ts'
import { makeTempDatabase } from '../../../test/support/temp-database.ts'
import { makeTempFolder } from '../../../test/support/temp-folder.ts'
import { spawnThread } from '../../../test/support/thread-entry.ts'
import { FOLD_CONSUMER } from '../folded-position.ts'
import { openDeliveryLog } from './open-log.ts'

test.each([
  { restored: 'with two deliveries', before: 2, folded: 40, next: 41 },
  { restored: 'that is empty', before: 0, folded: 40, next: 41 },
  { restored: 'as new as the database', before: 2, folded: 2, next: 3 },
  { restored: 'newer than the database', before: 2, folded: 1, next: 3 },
])(
  'a restored log $restored numbers what comes next behind what was folded, so that it is folded too',
  async ({ before, folded, next }) => {
    const database = await makeTempDatabase()
    const folder = makeTempFolder('open-log')
    onTestFinished(async () => {
      await database.close()
      folder.remove()
    })
    const open = () =>
      openDeliveryLog(
        { kind: 'embedded', path: join(folder.path, 'deliveries.db') },
        { db: database.db, spawn: spawnThread },
      )
    const old = await open()
    for (let i = 0; i < before; i++) await old.append(deliveryOf('{}'))
    const [partition] = old.partitions as [string]
    await old.close()
    await database.db
      .insertInto('log_position')
      .values({ log_id: partition, consumer: FOLD_CONSUMER, seq: folded })
      .execute()
    const restored = await open()
    expect(await restored.append(deliveryOf('{}'))).toBe(next)
    await restored.close()
    const again = await open()
    expect(await again.append(deliveryOf('{}'))).toBe(next + 1)
    await again.close()
  },
)
