import { expect, test } from 'vitest'
import { describeNeeding } from './missing-packages.ts'
import { startPostgres } from './run-postgres.ts'

describeNeeding('postgresql')('a private PostgreSQL', () => {
  test('answers, and keeps what was committed when it is killed', async () => {
    await using postgres = await startPostgres({ durable: true })
    await postgres.query('create table kept (n integer)')
    await postgres.query('insert into kept values (7)')
    expect(await postgres.kill9()).toMatchObject({ signal: 'SIGKILL' })
    await expect(postgres.query('select 1')).rejects.toThrow(/ECONNREFUSED/)
    await postgres.restart()
    expect(await postgres.query('select n from kept')).toEqual([{ n: 7 }])
  }, 60_000)

  test('ends soon although a client is still connected', async () => {
    await using postgres = await startPostgres()
    const sleeping = postgres.query('select pg_sleep(60)').catch((error: Error) => error)
    const before = performance.now()
    expect(await postgres.term()).toMatchObject({ code: 0 })
    expect(performance.now() - before).toBeLessThan(10_000)
    expect(await sleeping).toBeInstanceOf(Error)
  }, 60_000)
})
