import { isJsonRecord, type JsonRecord } from '../../json-scan-values.ts'
import { scalarText } from '../read-labels.ts'

/** The parts of one alert where something may lie, each by names in lower case without `_` and `-`. */
export interface Places {
  /** The alert itself and the envelopes in it. */
  readonly outer: readonly ReadonlyMap<string, unknown>[]
  /** The same, then its annotations and labels. */
  readonly all: readonly ReadonlyMap<string, unknown>[]
}

/** Objects into which systems put the alert itself: `payload` PagerDuty, `data` Sentry, … */
const ENVELOPES = ['payload', 'data', 'alert', 'event', 'incident', 'issue', 'problem']
const MAX_NAMES = 500

/** What most systems call the parts of an alert; the first that holds a text wins. */
export const USUAL_NAMES = {
  // A key that was made to pair events comes before an id, which may be the id of a single event.
  key: ['key', 'dedupkey', 'dedupekey', 'fingerprint', 'aggregkey', 'id', 'alertid', 'incidentid', 'alias', 'alarmarn'],
  status: [
    'status',
    'state',
    'alertstatus',
    'eventaction',
    'currentstate',
    'alerttransition',
    'newstatevalue',
    'action',
  ],
  title: [
    'title',
    'summary',
    'message',
    'name',
    'alertname',
    'subject',
    'headline',
    'descriptiontitle',
    'alarmname',
    'rulename',
    'triggername',
    'trigger',
    'conditionname',
  ],
  /** Looked at when no place has a title. */
  titleLike: ['text', 'description', 'details', 'content', 'body'],
  severity: ['severity', 'priority', 'level', 'alertpriority', 'urgency'],
  startsAt: [
    'startsat',
    'startedat',
    'starttime',
    'triggeredat',
    'firedat',
    'statechangetime',
    'createdat',
    'created',
    'timestamp',
    'time',
    'date',
  ],
  endsAt: ['endsat', 'endedat', 'endtime', 'resolvedat', 'closedat', 'recoveredat'],
  description: ['description', 'details', 'descriptiontext', 'body', 'text', 'newstatereason', 'reason', 'message'],
  url: [
    'url',
    'link',
    'href',
    'htmlurl',
    'weburl',
    'alerturl',
    'incidenturl',
    'issueurl',
    'ruleurl',
    'clienturl',
    'generatorurl',
    'permalink',
  ],
  runbook: ['runbookurl', 'runbook'],
  dashboard: ['dashboardurl', 'dashboard'],
  image: ['imageurl', 'image'],
} as const

/** Names that say what an alert is about: their texts become labels. */
const LABEL_NAMES: ReadonlySet<string> = new Set([
  'host',
  'hostname',
  'node',
  'server',
  'device',
  'instance',
  'service',
  'app',
  'application',
  'component',
  'cluster',
  'namespace',
  'pod',
  'container',
  'environment',
  'env',
  'region',
  'zone',
  'datacenter',
  'team',
  'job',
  'check',
  'monitor',
  'alertname',
  'rule',
  'rulename',
  'item',
  'metric',
  'source',
  'entity',
  'resource',
  'group',
  'class',
  'project',
  'policyname',
  'conditionname',
  'phase',
  'product',
  'owner',
])

/** The places of an alert. */
export function placesOf(alert: JsonRecord): Places {
  const root = byUsualName(alert)
  const outer = [root]
  for (const name of ENVELOPES) if (isJsonRecord(root.get(name))) outer.push(byUsualName(root.get(name) as JsonRecord))
  const inner = [root.get('annotations'), root.get('labels')].filter(isJsonRecord).map(byUsualName)
  return { outer, all: [...outer, ...inner] }
}

function byUsualName(record: JsonRecord): Map<string, unknown> {
  const values = new Map<string, unknown>()
  for (const name of Object.keys(record).slice(0, MAX_NAMES)) {
    const usual = usualName(name)
    if (!values.has(usual)) values.set(usual, record[name])
  }
  return values
}

function usualName(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}

/** The first scalar that is not empty under one of the names, the nearest place first; undefined when there is none. */
export function findUsual(places: readonly ReadonlyMap<string, unknown>[], names: readonly string[]): unknown {
  for (const place of places) {
    for (const name of names) {
      const value = place.get(name)
      if (value !== undefined && scalarText(value)?.trim()) return value
    }
  }
  return undefined
}

/** The labels of an alert for which none are configured: its `labels`, its tags, and the texts under telling names. */
export function usualLabels(alert: JsonRecord): [name: string, value: string][] {
  const labels: [string, string][] = []
  for (const scope of [alert, ...ENVELOPES.map((name) => alert[name]).filter(isJsonRecord)]) {
    for (const [name, value] of Object.entries(scope)) {
      const usual = usualName(name)
      if (LABEL_NAMES.has(usual)) addScalar(labels, name, value)
      else if (usual === 'labels' || usual === 'tags') labels.push(...tagsOf(value))
    }
  }
  return labels
}

/** The scalars of an object, or `name:value` texts of a list. */
export function tagsOf(value: unknown): [name: string, value: string][] {
  const labels: [string, string][] = []
  if (isJsonRecord(value)) for (const [name, tag] of Object.entries(value)) addScalar(labels, name, tag)
  else if (Array.isArray(value)) {
    for (const tag of value) {
      const colon = typeof tag === 'string' ? tag.indexOf(':') : 0
      if (colon > 0) addScalar(labels, tag.slice(0, colon), tag.slice(colon + 1))
    }
  }
  return labels
}

function addScalar(labels: [string, string][], name: string, value: unknown): void {
  const text = scalarText(value)
  if (text) labels.push([name, text])
}
