import { isJsonRecord, type JsonRecord, newRecord } from '../../json-scan-values.ts'
import type { AlertLister, ListedAlert, ListerDeps, ListerSettings } from '../../reconcile/alert-lister.ts'
import { listAlerts } from '../../reconcile/list-alerts.ts'
import { readListedAlert } from '../alertmanager/list-alertmanager-alerts.ts'

const ALERTS = 'api/alertmanager/grafana/api/v2/alerts?active=true&silenced=true&inhibited=true'

/**
 * Lists by the Alertmanager that Grafana has inside, with the token of a service account that may read alert instances
 * (`alert.instances:read`). Grafana does not say since when it has been running: its status holds the configuration only.
 */
export function grafanaLister(settings: ListerSettings, deps: ListerDeps): AlertLister {
  return {
    place: settings.baseUrl.host,
    list: async (onAlert, stop) => {
      const failure = await listAlerts({ ...settings, path: ALERTS }, deps, { onAlert, read: readGrafanaAlert, stop })
      return failure ?? { kind: 'listed', life: null, startedAt: null, isReady: true }
    },
  }
}

/** The list shows the labels and annotations that Grafana keeps for itself; its webhook does not. */
function readGrafanaAlert(element: JsonRecord): ListedAlert | null {
  const { labels, annotations } = element
  return readListedAlert({ ...element, labels: withoutPrivate(labels), annotations: withoutPrivate(annotations) })
}

function withoutPrivate(named: unknown): unknown {
  if (!isJsonRecord(named)) return named
  const shown = newRecord<unknown>()
  for (const [name, value] of Object.entries(named))
    if (!(name.startsWith('__') && name.endsWith('__'))) shown[name] = value
  return shown
}
