/** Places of Slack beside the default one. */
export const CRITICAL_CHANNEL = 'C0CRITICAL'
export const WARNING_CHANNEL = 'C0WARNING'

const UNPACED = { postsPerSecond: 1000, burst: 1000 }

/**
 * A configuration that tells critical incidents in one channel and warnings in another, each in a thread of its own
 * however many there are; what neither can take goes to the default channel.
 */
export const BY_SEVERITY = {
  channels: [
    {
      id: 'critical',
      kind: 'slack',
      storm: { newIncidents: 0 },
      settings: { channel: CRITICAL_CHANNEL, ...UNPACED },
    },
    { id: 'warning', kind: 'slack', storm: { newIncidents: 0 }, settings: { channel: WARNING_CHANNEL, ...UNPACED } },
  ],
  routes: [
    { match: { severity: 'critical' }, channels: ['critical'] },
    { match: { severity: 'warning' }, channels: ['warning'] },
  ],
} as const
