import { expect, test } from 'vitest'
import { describeNeeding } from './missing-packages.ts'
import { startGalera } from './run-galera.ts'
import type { MariadbServer } from './run-mariadb.ts'
import { waitUntil } from './wait-until.ts'

describeNeeding('galera-4', 'mariadb-server')('a private Galera cluster', () => {
  test('has on every server what one has committed, goes on without one, and takes it back', async () => {
    await using cluster = await startGalera()
    const [one, other, third] = cluster.servers as [MariadbServer, MariadbServer, MariadbServer]
    await one.query('create database kept')
    await one.query('create table t (n integer primary key)', 'kept')
    await one.query('insert into t values (1)', 'kept')
    await waitUntil(async () => (await other.query('select n from t', 'kept')).length === 1, { why: 'all have it' })
    await one.kill9()
    await waitUntil(async () => (await third.query('insert into t values (2)', 'kept')) !== null, {
      timeoutMs: 60_000,
      why: 'two of three are a majority',
    })
    await one.restart()
    expect(await one.query('select n from t order by n', 'kept')).toEqual([{ n: 1 }, { n: 2 }])
  }, 240_000)
})
