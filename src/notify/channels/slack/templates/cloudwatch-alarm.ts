import type { IncidentMessage } from '../../../channel.ts'
import { isShown, titleOf } from './message-facts.ts'
import { readableThreshold } from './readable-threshold.ts'

/** What a message of system 4 tells of an alarm. `-` where nobody said it. */
export interface AlarmFacts {
  readonly name: string
  readonly region: string
  readonly metric: string
  readonly threshold: string
  readonly reason: string
}

/** Names under which CloudWatch, its exporters and people write a fact; upper case, `_`, `-` and `.` do not matter. */
const NAMES = {
  name: ['alarmname', 'alertname', 'rulename'],
  region: ['region', 'awsregion', 'cluster', 'environment', 'env'],
  metric: ['metricname', 'metric', 'alertname'],
  threshold: ['threshold'],
  unit: ['unit', 'thresholdunit'],
  reason: ['newstatereason', 'statereason', 'reason', 'description', 'alarmdescription', 'message', 'summary'],
} as const

/** Reads the facts from labels and annotations, whichever source they came from: an alert of Alertmanager tells as well. */
export function alarmFactsOf(message: IncidentMessage, nameless: string): AlarmFacts {
  const read = readerOf(message)
  const metric = read(NAMES.metric) ?? '-'
  const threshold = read(NAMES.threshold)
  return {
    name: read(NAMES.name) ?? titleOf(message, nameless),
    region: read(NAMES.region) ?? (isShown(message.incident.cluster) ? message.incident.cluster : message.environment),
    metric,
    threshold: threshold === undefined ? '-' : readableThreshold(threshold, metric, read(NAMES.unit)),
    reason: read(NAMES.reason) ?? titleOf(message, nameless),
  }
}

function readerOf({ incident, alert }: IncidentMessage): (names: readonly string[]) => string | undefined {
  const known = new Map<string, string>()
  // The first to say something wins: what the alert says goes before what the incident remembers of its first one.
  for (const labels of [alert.labels, alert.annotations, incident.labels])
    for (const [name, text] of Object.entries(labels)) {
      const key = name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
      if (!known.has(key) && isShown(text)) known.set(key, text)
    }
  return (names) => names.map((name) => known.get(name)).find((text) => text !== undefined)
}
