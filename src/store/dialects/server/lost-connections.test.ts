import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startMariadb } from '../../../../test/support/run-mariadb.ts'
import { startPostgres } from '../../../../test/support/run-postgres.ts'
import type { ServerProgram } from '../../../../test/support/server-program.ts'
import { TcpProxy } from '../../../../test/support/tcp-proxy.ts'
import { waitUntil } from '../../../../test/support/wait-until.ts'
import { type Db, databaseLocation, migratable, openDatabase } from '../../database.ts'
import { faultOf } from '../../fault-of.ts'
import { migrateToLatest } from '../../migrate.ts'
import { inTransaction } from '../../transaction.ts'
import type { DatabaseError } from '../database-error.ts'
import type { ServerLocation } from './server-location.ts'

type Server = ServerProgram & {
  readonly port: number
  url(database?: string): string
  query(sql: string, database?: string): Promise<readonly Record<string, unknown>[]>
}

interface Rig {
  readonly name: string
  readonly start: () => Promise<Server>
  readonly home: string
  readonly killAll: (server: Server) => Promise<void>
  readonly sleepFor: (seconds: number) => string
  readonly sleepers: string
}

const RIGS: readonly Rig[] = [
  {
    name: 'MariaDB',
    start: startMariadb,
    home: 'mysql',
    killAll: async (server) => {
      const rows = await server.query("select id from information_schema.processlist where db = 'house'")
      for (const { id } of rows) await server.query(`kill ${Number(id)}`).catch(() => undefined)
    },
    sleepFor: (seconds) => `select sleep(${seconds})`,
    sleepers: "select id from information_schema.processlist where info like 'select sleep%'",
  },
  {
    name: 'PostgreSQL',
    start: startPostgres,
    home: 'postgres',
    killAll: async (server) => {
      await server.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'house'")
    },
    sleepFor: (seconds) => `select pg_sleep(${seconds})`,
    sleepers: "select pid from pg_stat_activity where state = 'active' and query like 'select pg_sleep%'",
  },
]

const CONNECT_MS = 400
const STATEMENT_MS = 600

for (const rig of RIGS) {
  describe(`while connections to ${rig.name} are lost`, () => {
    let server: Server
    let proxy: TcpProxy
    let db: Db

    beforeAll(async () => {
      server = await rig.start()
      await server.query('create database house')
      const straight = openDatabase(databaseLocation(server.url('house')))
      await migrateToLatest(migratable(straight))
      await straight.insertInto('sequence').values({ tenant_id: 't', name: 'n', value: 0 }).execute()
      await straight.destroy()
    }, 90_000)
    afterAll(() => server.stop())

    beforeEach(async () => {
      proxy = await TcpProxy.start(server.port)
      const base = databaseLocation(server.url('house')) as ServerLocation
      const limits = { poolSize: 4, connectTimeoutMs: CONNECT_MS, statementTimeoutMs: STATEMENT_MS }
      db = openDatabase({ ...base, ...limits, port: proxy.port })
    })
    afterEach(async () => {
      await db.destroy()
      await proxy.close()
    })

    const add = (before: () => void = () => undefined) =>
      inTransaction(db, async (tx) => {
        await tx
          .updateTable('sequence')
          .set((eb) => ({ value: eb('value', '+', 1) }))
          .where('tenant_id', '=', 't')
          .where('name', '=', 'n')
          .execute()
        before()
      })
    const isServing = () =>
      add().then(
        () => true,
        () => false,
      )
    const value = async () => {
      const [row] = await server.query("select value from sequence where name = 'n'", 'house')
      return Number(row?.value)
    }
    const errorOf = async (work: Promise<unknown>): Promise<DatabaseError> => {
      const error: unknown = await work.then(
        () => null,
        (reason: unknown) => reason,
      )
      if (error === null) throw new Error('Nothing failed')
      return error as DatabaseError
    }

    test('what is killed before its commit is done again, and exactly once', async () => {
      const before = await value()
      let kills = 0
      let isEnding = false
      const killer = (async () => {
        while (!isEnding) {
          await sleep(150)
          await rig.killAll(server)
          kills++
        }
      })()
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const own: ('done' | 'unknown')[] = []
          while (kills < 5) {
            await add().then(
              () => own.push('done'),
              (error: unknown) => {
                expect(faultOf(error)).toBe('unavailable')
                own.push('unknown')
              },
            )
          }
          return own
        }),
      )
      isEnding = true
      await killer
      const all = outcomes.flat()
      const done = all.filter((outcome) => outcome === 'done').length
      const added = (await value()) - before
      expect(done).toBeGreaterThan(0)
      expect(added).toBeGreaterThanOrEqual(done)
      expect(added).toBeLessThanOrEqual(all.length)
    })

    test('a connection that was lost while nobody used it is noticed by nobody', async () => {
      await add()
      await rig.killAll(server)
      await sleep(50)
      await add()
    })

    test('a commit whose answer is lost is told as unknown, and not done again', async () => {
      await add()
      const before = await value()
      const error = await errorOf(add(() => proxy.resetAfter('down', 1)))
      expect(faultOf(error)).toBe('unavailable')
      await waitUntil(async () => (await value()) === before + 1, { why: 'the commit reached the server' })
      await add()
      expect(await value()).toBe(before + 2)
    })

    test('a server that answers nothing is given up in time, and used again when it speaks', async () => {
      await Promise.all([add(), add(), add()])
      proxy.mode = 'half-open'
      const started = performance.now()
      const errors = await Promise.all(Array.from({ length: 12 }, () => errorOf(add())))
      expect(performance.now() - started).toBeLessThan(CONNECT_MS + STATEMENT_MS + 1500)
      expect(new Set(errors.map(faultOf))).toEqual(new Set(['unavailable']))
      proxy.mode = 'forward'
      await waitUntil(isServing, { timeoutMs: 15_000, why: 'the database serves again' })
    })

    test('closing does not wait for a server that answers nothing', async () => {
      await Promise.all([add(), add()])
      server.signal('SIGSTOP')
      const started = performance.now()
      await db.destroy()
      server.signal('SIGCONT')
      expect(performance.now() - started).toBeLessThan(2000)
    })

    test('a server that is too slow is given up as well', async () => {
      await add()
      proxy.delayMs = 2000
      const started = performance.now()
      expect(faultOf(await errorOf(add()))).toBe('unavailable')
      expect(performance.now() - started).toBeLessThan(STATEMENT_MS + 1500)
      proxy.delayMs = 0
    })

    test('a statement that takes too long is stopped in the server too', async () => {
      const error = await errorOf(sql.raw(rig.sleepFor(20)).execute(db))
      expect(faultOf(error)).toBe('unavailable')
      await waitUntil(async () => (await server.query(rig.sleepers)).length === 0, { why: 'the statement ends' })
    })

    test('when all connections are in use, the next one hears so in time', async () => {
      const holders = Array.from({ length: 4 }, () => sql.raw(rig.sleepFor(0.5)).execute(db))
      await sleep(50)
      const { message } = await errorOf(
        Promise.all(Array.from({ length: 8 }, () => sql.raw(rig.sleepFor(0.5)).execute(db))),
      )
      expect(message).toMatch(/All 4 connections to the database are in use/)
      await Promise.all(holders)
    })

    test('a server that was restarted is used again, without a restart of ours', async () => {
      await add()
      await server.kill9()
      const error = await errorOf(add())
      expect(faultOf(error)).toBe('unavailable')
      await server.restart()
      await waitUntil(isServing, { timeoutMs: 15_000, why: 'the database serves again' })
    }, 60_000)
  })
}
