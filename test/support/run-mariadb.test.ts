import { expect, test } from 'vitest'
import { describeNeeding } from './missing-packages.ts'
import { startMariadb } from './run-mariadb.ts'

describeNeeding('mariadb-server')('a private MariaDB', () => {
  test('answers, and keeps what was committed when it is killed', async () => {
    await using mariadb = await startMariadb({ durable: true })
    await mariadb.query('create database kept')
    await mariadb.query('create table t (n integer)', 'kept')
    await mariadb.query('insert into t values (7)', 'kept')
    expect(await mariadb.kill9()).toMatchObject({ signal: 'SIGKILL' })
    await expect(mariadb.query('select 1')).rejects.toThrow(/ECONNREFUSED/)
    await mariadb.restart()
    expect(await mariadb.query('select n from t', 'kept')).toEqual([{ n: 7 }])
    expect(await mariadb.term()).toMatchObject({ code: 0 })
  }, 90_000)
})
