import { expect, test } from 'vitest'
import { incidentBlockId, incidentIdOfBlock } from './incident-actions.ts'

test('a block of buttons leads back to its incident, and other blocks to none', () => {
  expect(incidentIdOfBlock(incidentBlockId('01INCIDENT'))).toBe('01INCIDENT')
  expect([incidentIdOfBlock('nunchi:incident:'), incidentIdOfBlock('other'), incidentIdOfBlock('')]).toEqual([
    null,
    null,
    null,
  ])
})
