import * as z from 'zod'
import { DEFAULT_LIFECYCLE } from '../../domain/incident-lifecycle.ts'
import { silentAfterSetting, WATCHDOG } from './dead-man-section.ts'
import { formatDuration } from './parse-units.ts'
import { RECONCILE } from './reconcile-section.ts'
import { durationText, secretText, setting } from './setting.ts'
import { SOURCE_KINDS, type SourceKind } from './source-kinds.ts'

const CORRELATION = z.strictObject({
  fields: setting(z.array(z.string().min(1)).min(1).max(20).optional(), {
    about: 'Labels (or fields of the adapter, such as `rule_uid`) whose values tie alerts into one incident, in order.',
    otherwise: 'those of the kind',
    examples: [['alertname', 'service', 'cluster']],
    remedy: 'List 1 to 20 names of labels.',
  }),
  window: setting(durationText({ atLeast: '1m' }).optional(), {
    about: 'Alerts that start in different windows of this length never share an incident.',
    otherwise: 'no windows',
    examples: ['1h'],
  }),
})

const FLAP = z.strictObject({
  threshold: setting(z.int().min(1).max(1000).prefault(DEFAULT_LIFECYCLE.flapThreshold), {
    about: 'So many times cleared and fired again within `window` make an incident flapping.',
  }),
  window: setting(durationText({ atLeast: '1s' }).prefault(formatDuration(DEFAULT_LIFECYCLE.flapWindowMs)), {
    about: 'The time in which the cycles are counted.',
  }),
  holdOff: setting(durationText().prefault(formatDuration(DEFAULT_LIFECYCLE.flapHoldOffMs)), {
    about: 'A flapping incident resolves only after so much quiet.',
  }),
})

const LIFECYCLE = z.strictObject({
  autoResolve: setting(z.boolean().prefault(DEFAULT_LIFECYCLE.autoResolve), {
    about: 'Resolve an incident by itself when its last alert clears; `false` waits for a person.',
  }),
  holdOff: setting(durationText().prefault(formatDuration(DEFAULT_LIFECYCLE.holdOffMs)), {
    about: 'How long everything must stay clear before an incident resolves by itself.',
    examples: ['2m'],
  }),
  reopenWithin: setting(durationText().prefault(formatDuration(DEFAULT_LIFECYCLE.reopenWithinMs)), {
    about: 'An alert that fires again within this time reopens its resolved incident; later it opens a new one.',
  }),
  flap: setting(FLAP.prefault({}), {
    about: 'When an incident counts as flapping, and how long it must be quiet then.',
  }),
})

/** The name of a source is a part of a URL and of every key, so it is short and plain. */
const SOURCE_NAME = /^[a-z0-9-]{1,40}$/

const KIND_LIST = SOURCE_KINDS.map(({ kind }) => `\`${kind}\``).join(', ')

/** Where a sender cannot be asked, the key does not exist. */
function reconcileSetting(canBeAsked: boolean) {
  const reconcile = setting(RECONCILE.optional(), {
    about: 'Asks the sender what fires now, and heals what its messages did not bring.',
  })
  return canBeAsked ? { reconcile } : ({} as { reconcile: typeof reconcile })
}

function sourceOf<K extends SourceKind>({ kind, settings, canBeAsked }: K) {
  return z.strictObject({
    name: setting(z.string().regex(SOURCE_NAME), {
      about: 'Unique. Its senders post to `/webhook/<kind>/<name>`.',
      examples: ['alertmanager-eu'],
      remedy: 'Use 1 to 40 of `a`–`z`, `0`–`9` and `-`.',
    }),
    kind: setting(z.literal(kind), { about: `Who sends: ${KIND_LIST}. It decides how bodies are read.` }),
    token: setting(secretText().optional(), {
      about: 'What its senders present, as bearer token, as password of basic authentication, or as `?token=`.',
      otherwise: '`ingestToken`',
      isSecret: true,
    }),
    correlation: setting(CORRELATION.prefault({}), { about: 'How alerts are tied into incidents.' }),
    lifecycle: setting(LIFECYCLE.prefault({}), { about: 'How the incidents of this source live.' }),
    recordRepeats: setting(z.boolean().optional(), {
      about: 'Keep a row, with the JSON of the sender, for every repetition of an unchanged alert too.',
      otherwise: '`true` for the kind `grafana`, else `false`',
    }),
    silentAfter: silentAfterSetting(),
    watchdog: setting(WATCHDOG.optional(), {
      about: 'An alert that always fires: it opens no incident, and one is opened when it stops coming.',
    }),
    ...reconcileSetting(canBeAsked),
    settings: setting(settings.prefault({}), { about: 'What only this kind knows.' }),
  })
}

const [first, ...others] = SOURCE_KINDS
export const SOURCE = z.discriminatedUnion('kind', [sourceOf(first), ...others.map(sourceOf)])

export type ParsedSource = z.output<typeof SOURCE>
