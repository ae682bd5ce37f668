import * as z from 'zod'
import { matcherText } from './matcher-text.ts'
import { ADDRESS_RULES } from './server-address.ts'
import { durationText, secretText, setting } from './setting.ts'
import { timeoutSetting } from './timeout-setting.ts'

/** An alert that always fires, and is missed when it stops coming. */
export const WATCHDOG = z.strictObject({
  match: setting(z.array(matcherText()).min(1).max(20).prefault(['alertname="Watchdog"']), {
    about: 'The labels by which it is known, as Alertmanager matches them. All must hold.',
  }),
  after: setting(durationText({ atLeast: '10s', atMost: '7d' }).prefault('5m'), {
    about: 'It is missed after so long. More than the `repeat_interval` of its route.',
  }),
})

/** How long a source may be silent; shorter than a minute would be noise. */
export function silentAfterSetting() {
  return setting(durationText({ atLeast: '10s', atMost: '30d' }).optional(), {
    about: 'An incident is opened when nothing at all came from this source for so long.',
    otherwise: 'never',
    examples: ['1h'],
  })
}

const NO_ADDRESS = {
  problem: 'is no address of http or https',
  remedy: 'Copy the whole address, such as `https://hc-ping.com/…`.',
} as const

/** What tells somebody outside that the whole pipeline is alive. */
export const HEARTBEAT = z.strictObject({
  url: setting(secretText((text) => (URL.canParse(text) && /^https?:/i.test(text) ? null : NO_ADDRESS)).optional(), {
    about: 'Where the heartbeat goes, such as a check of healthchecks.io or Dead Man’s Snitch. It is a secret.',
    env: 'NUNCHI_HEARTBEAT_URL',
    isSecret: true,
  }),
  method: setting(z.enum(['GET', 'POST']).prefault('GET'), { about: 'How it is asked.' }),
  every: setting(durationText({ atLeast: '1s', atMost: '1h' }).prefault('60s'), {
    about: 'How often. The receiver should wait for about two of them, and a minute more.',
  }),
  timeout: timeoutSetting('10s', '1m', 'How long the receiver may take to answer.'),
  ...ADDRESS_RULES,
})
