import { expect, test } from 'vitest'
import { mysqlError } from './mysql-fault.ts'

const said = (errno: number, code = ''): Error => Object.assign(new Error('It said so'), { errno, code })

test.each([
  [1213, 'ER_LOCK_DEADLOCK', 'a deadlock, or a transaction that failed its certification'],
  [1205, 'ER_LOCK_WAIT_TIMEOUT', 'a lock that did not come free'],
  [1020, 'ER_CHECKREAD', 'a row that changed since it was read'],
])('%i %s is busy, and the connection is kept: %s', (errno, code) => {
  expect(mysqlError(said(errno, code))).toMatchObject({ fault: 'busy', code, endsConnection: false })
})

test.each([
  [1047, 'ER_UNKNOWN_COM_ERROR', 'a member of Galera that is not in its cluster'],
  [1180, 'ER_ERROR_DURING_COMMIT', 'a commit that the cluster did not answer, or a full disk'],
  [1053, 'ER_SERVER_SHUTDOWN', 'a server that is shutting down'],
  [1290, 'ER_OPTION_PREVENTS_STATEMENT', 'a server that takes no writes'],
  [1927, 'ER_CONNECTION_KILLED', 'a connection that somebody killed'],
])('%i %s is unavailable, and another connection may reach another server: %s', (errno, code) => {
  expect(mysqlError(said(errno, code))).toMatchObject({ fault: 'unavailable', code, endsConnection: true })
})

test.each([
  [1040, 'ER_CON_COUNT_ERROR', 'too many connections'],
  [1114, 'ER_RECORD_FILE_FULL', 'a full table space'],
  [1969, 'ER_STATEMENT_TIMEOUT', 'a statement that took too long'],
])('%i %s is unavailable: %s', (errno, code) => {
  expect(mysqlError(said(errno, code))).toMatchObject({ fault: 'unavailable', code, endsConnection: false })
})

test('whatever is no answer of the server says that the connection is gone', () => {
  const lost = Object.assign(new Error('read ECONNRESET'), { errno: -104, code: 'ECONNRESET', fatal: true })
  expect(mysqlError(lost)).toMatchObject({ fault: 'unavailable', code: 'ECONNRESET', endsConnection: true })
})

test('a statement that is refused at any time is neither', () => {
  expect(mysqlError(said(1146, 'ER_NO_SUCH_TABLE'))).toMatchObject({ fault: 'other', endsConnection: false })
})
