import {
  type AlertOptions,
  makeAlert,
  makeWebhookBody,
  resolve,
  seededRandom,
  type WebhookBody,
} from './generate-alerts.ts'

const RULES = ['HighCpu', 'DiskFull', 'ProbeFailed', 'LatencyHigh', 'QueueStuck', 'ReplicaLag', 'CertExpiring'] as const
const SERVICES = ['checkout', 'database', 'search', 'ledger', 'gateway', 'mailer'] as const
const SEVERITIES = ['critical', 'warning', 'info'] as const
const STORM_START = new Date('2026-11-21T03:00:00.000Z')

/** How many groups of how many alerts; the same seed gives the same bodies. */
export interface StormOptions {
  readonly seed: number
  readonly groups: number
  readonly alertsPerGroup: number
}

/** One firing webhook body per group, each group with an alertname and service of its own. */
export function* generateGroups(options: StormOptions): Generator<WebhookBody, void> {
  const random = seededRandom(options.seed)
  for (let group = 0; group < options.groups; group += 1) {
    const rule = `${pick(RULES, random)}${group}`
    const alerts = Array.from({ length: options.alertsPerGroup }, (_, index) =>
      makeAlert(alertOf(index, { rule, service: pick(SERVICES, random), severity: pick(SEVERITIES, random) })),
    )
    yield makeWebhookBody(alerts, { groupLabels: { alertname: rule } })
  }
}

/** How often one alert comes and goes, and how long it stays each time. */
export interface FlapOptions {
  readonly seed: number
  readonly times: number
  readonly everyMs: number
}

/**
 * The bodies of one flapping alert: fires, resolves, fires again. Every firing starts a new episode,
 * with the same fingerprint and a later startsAt.
 */
export function* generateFlaps(options: FlapOptions): Generator<WebhookBody, void> {
  const random = seededRandom(options.seed)
  const kind = { rule: 'Flapping', service: pick(SERVICES, random), severity: pick(SEVERITIES, random) }
  for (let flap = 0; flap < options.times; flap += 1) {
    const startsAt = new Date(STORM_START.getTime() + flap * options.everyMs)
    const firing = makeAlert({ ...alertOf(0, kind), startsAt })
    const groupLabels = { alertname: kind.rule }
    yield makeWebhookBody([firing], { groupLabels })
    const endsAt = new Date(startsAt.getTime() + Math.ceil(random() * options.everyMs * 0.9))
    yield makeWebhookBody([resolve(firing, endsAt)], { groupLabels })
  }
}

/**
 * The text of one webhook body with a whole group in it, in pieces: 100,000 alerts are 62 MB,
 * about 615 bytes each as a real Alertmanager sends them. Meant for a streamed request.
 */
export function* generateHugeGroup(options: {
  readonly seed: number
  readonly alerts: number
}): Generator<string, void> {
  const random = seededRandom(options.seed)
  const rule = 'ProbeFailed'
  const frame = JSON.stringify(makeWebhookBody([], { groupLabels: { alertname: rule } }))
  yield frame.replace('"status":"resolved"', '"status":"firing"').replace(/\]\}$/, '')
  let piece: string[] = []
  for (let index = 0; index < options.alerts; index += 1) {
    const alert = makeAlert(alertOf(index, { rule, service: pick(SERVICES, random), severity: 'critical' }))
    piece.push(`${index === 0 ? '' : ','}${JSON.stringify(alert)}`)
    if (piece.length === 200) {
      yield piece.join('')
      piece = []
    }
  }
  yield `${piece.join('')}]}`
}

function alertOf(
  index: number,
  kind: { readonly rule: string; readonly service: string; readonly severity: string },
): AlertOptions {
  const instance = `node-${String(index).padStart(6, '0')}.zone-${index % 7}.example.com:9100`
  return {
    labels: {
      alertname: kind.rule,
      severity: kind.severity,
      service: kind.service,
      cluster: `cluster-${index % 3}`,
      namespace: `namespace-${index % 11}`,
      instance,
      job: 'node-exporter',
    },
    annotations: {
      summary: `${kind.rule} on ${instance}`,
      description: `The probe of ${instance} fails; ${kind.service} may be down.`,
      runbook_url: `https://runbooks.example.com/${kind.rule.toLowerCase()}`,
    },
    startsAt: new Date(STORM_START.getTime() + index),
  }
}

function pick<T>(choices: readonly [T, ...T[]], random: () => number): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0]
}
