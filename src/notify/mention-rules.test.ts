import { describe, expect, test } from 'vitest'
import type { Severity } from '../domain/severity.ts'
import type { Mention, MessagePurpose } from './channel.ts'
import { chooseMentions, type MentionRules, mentionText } from './mention-rules.ts'

const HERE: Mention = { kind: 'here' }
const ANNA: Mention = { kind: 'person', id: 'U0ANNA' }
const TEAM: Mention = { kind: 'group', id: 'S0TEAM' }

const CHANNEL: MentionRules = { critical: [HERE], error: [ANNA] }

describe('mentions', () => {
  const cases: readonly [
    severity: Severity,
    purpose: MessagePurpose,
    ofRoutes: readonly (MentionRules | null)[],
    called: readonly Mention[],
    why: string,
  ][] = [
    ['critical', 'firing', [], [HERE], 'the first message calls whom the channel says'],
    ['error', 'severity-raised', [null], [ANNA], 'raised into a severity that calls somebody'],
    ['critical', 'fired-again', [null], [HERE], 'firing again after it was resolved'],
    ['warning', 'firing', [null], [], 'a severity that calls nobody'],
    ['critical', 'firing', [{ critical: [TEAM] }], [TEAM], 'the route goes before the channel'],
    [
      'critical',
      'firing',
      [{ error: [TEAM] }],
      [HERE],
      'a route that says nothing of this severity leaves it to the channel',
    ],
    ['critical', 'firing', [{ critical: [] }], [], 'a route may say: nobody'],
    [
      'critical',
      'firing',
      [{ critical: [TEAM] }, { critical: [ANNA, TEAM] }],
      [TEAM, ANNA],
      'several routes are all heard, each once',
    ],
    [
      'critical',
      'firing',
      [{ critical: [TEAM] }, null],
      [TEAM],
      'one that says nothing does not add those of the channel',
    ],
    ['critical', 'resolved', [], [], 'an end calls nobody'],
    ['critical', 'note', [], [], 'a note calls nobody'],
    ['critical', 'acknowledged', [], [], 'somebody took it: nobody needs to be called'],
    ['critical', 'flapping', [], [], 'flapping is calmed, not called'],
    ['critical', 'escalated', [], [], 'an escalation names its own people'],
  ]
  for (const [severity, purpose, ofRoutes, called, why] of cases) {
    test(`of ${purpose} at ${severity} are [${called.map(mentionText).join(' ')}] (${why})`, () => {
      expect(chooseMentions(severity, purpose, { ofRoutes, ofChannel: CHANNEL })).toEqual(called)
    })
  }
})
