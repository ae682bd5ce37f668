import { expect, test } from 'vitest'
import { LogUnavailableError } from '../intake/delivery-log/delivery-log.ts'
import { DatabaseError } from '../store/dialects/database-error.ts'
import { packFault, unpackFault } from './thread-fault.ts'

/** As it is on the other side of a thread's port. */
function crossed(error: unknown): Error {
  return unpackFault(structuredClone(packFault(error)))
}

test('an error of a database stays one, with its judgement, its code and what helps', () => {
  const given = new DatabaseError('read ECONNRESET', { fault: 'unavailable', code: 'ECONNRESET', remedy: 'Wait.' })
  const found = crossed(given)
  expect(found).toBeInstanceOf(DatabaseError)
  expect(found).toMatchObject({ message: 'read ECONNRESET', fault: 'unavailable', code: 'ECONNRESET', remedy: 'Wait.' })
  expect(found.stack).toBe(given.stack)
})

test('an unavailable log stays one and says so once', () => {
  const found = crossed(new LogUnavailableError('NATS does not answer'))
  expect(found).toBeInstanceOf(LogUnavailableError)
  expect(found.message).toBe('The delivery log is unavailable: NATS does not answer')
})

test('what the system says of an error crosses with it, and nothing that cannot be posted', () => {
  const socket = { close: () => undefined }
  const found = crossed(Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/data', errcode: 13, socket }))
  expect(found).toMatchObject({ message: 'no space', code: 'ENOSPC', path: '/data', errcode: 13 })
  expect(found).not.toHaveProperty('socket')
})

test('what is no error crosses as its text', () => {
  expect(crossed('gone').message).toBe('gone')
})
