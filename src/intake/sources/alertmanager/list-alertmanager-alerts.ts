import { isJsonRecord, type JsonRecord } from '../../json-scan-values.ts'
import type { AlertLister, ListedAlert, ListerDeps, ListerSettings, Listing } from '../../reconcile/alert-lister.ts'
import { listAlerts } from '../../reconcile/list-alerts.ts'
import { readJsonAnswer } from '../../reconcile/read-json-answer.ts'
import { readTimeText } from '../read-time.ts'

/** Everything that fires: what is silenced or inhibited fires too. */
const ALERTS = 'api/v2/alerts?active=true&silenced=true&inhibited=true'
const STATUS = 'api/v2/status'
/** The answer holds the whole configuration of Alertmanager. */
const MOST_STATUS_BYTES = 16 * 1024 * 1024

/** Lists by the API v2 of an Alertmanager (`api/v2/openapi.yaml`), which Mimir, Cortex and VictoriaMetrics' alert managers speak too. */
export function alertmanagerLister(settings: ListerSettings, deps: ListerDeps): AlertLister {
  return {
    place: settings.baseUrl.host,
    list: async (onAlert, stop) => {
      const failure = await listAlerts({ ...settings, path: ALERTS }, deps, { onAlert, read: readListedAlert, stop })
      // Asked afterwards: whoever began before the list was made has made it with all that it knew.
      return failure ?? (await readStatus(settings, deps, stop))
    },
  }
}

async function readStatus(settings: ListerSettings, deps: ListerDeps, stop: AbortSignal): Promise<Listing> {
  const answer = await readJsonAnswer({ ...settings, path: STATUS, mostBytes: MOST_STATUS_BYTES }, deps.ask, stop)
  if (answer.kind === 'failed') return answer
  const { value, date } = answer
  const uptime = isJsonRecord(value) && typeof value.uptime === 'string' ? readTimeText(value.uptime) : null
  const cluster = isJsonRecord(value) && isJsonRecord(value.cluster) ? value.cluster.status : null
  if (uptime === null || typeof cluster !== 'string')
    return {
      kind: 'failed',
      problem: `${settings.baseUrl.host} does not say in ${STATUS} since when it has been running`,
      remedy: 'Give the address of an Alertmanager of 0.16 or newer, with its path prefix where it has one.',
    }
  const now = deps.now()
  return {
    kind: 'listed',
    life: String((value as JsonRecord).uptime),
    startedAt: now - ((date ?? now) - uptime),
    isReady: cluster === 'ready' || cluster === 'disabled',
  }
}

const FINGERPRINT = /^[0-9a-f]{16}$/

/** One element of `GET /api/v2/alerts`; null when it is none. */
export function readListedAlert(value: JsonRecord): ListedAlert | null {
  const { fingerprint, startsAt: startsAtText, labels, annotations, generatorURL, status, receivers } = value
  const startsAt = typeof startsAtText === 'string' ? readTimeText(startsAtText) : null
  if (typeof fingerprint !== 'string' || !FINGERPRINT.test(fingerprint) || startsAt === null || !isJsonRecord(labels))
    return null
  return {
    fingerprint,
    startsAt,
    isMuted:
      isJsonRecord(status) && (isFilled(status.silencedBy) || isFilled(status.inhibitedBy) || isFilled(status.mutedBy)),
    receivers: Array.isArray(receivers) ? receivers.flatMap(nameOf) : [],
    labels: labels as Record<string, string>,
    alert: { status: 'firing', labels, annotations, startsAt: startsAtText, endsAt: UNSET, generatorURL, fingerprint },
  }
}

/** As a webhook writes the end of what has not ended. */
const UNSET = '0001-01-01T00:00:00Z'

function isFilled(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0
}

function nameOf(receiver: unknown): readonly string[] {
  return isJsonRecord(receiver) && typeof receiver.name === 'string' ? [receiver.name] : []
}
