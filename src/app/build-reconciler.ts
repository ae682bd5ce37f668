import type { AlertLister, ListerDeps, ListerSettings } from '../intake/reconcile/alert-lister.ts'
import type { ReconciledSource } from '../intake/reconcile/reconcile-source.ts'
import { Reconciler } from '../intake/reconcile/reconciler.ts'
import { alertmanagerLister } from '../intake/sources/alertmanager/list-alertmanager-alerts.ts'
import { grafanaLister } from '../intake/sources/grafana/list-grafana-alerts.ts'
import type { Config, ReconcileConfig, SourceConfig } from './config/config-shape.ts'
import { labelsMatcher } from './labels-matcher.ts'
import { addressPolicyOf, outgoingHttp } from './outgoing-http.ts'
import type { WatchParts } from './watch-parts.ts'

/** How the senders of each kind are asked. Adding one touches its folder and this list. */
const LISTERS: Readonly<Record<string, (settings: ListerSettings, deps: ListerDeps) => AlertLister>> = {
  alertmanager: alertmanagerLister,
  grafana: grafanaLister,
}

/** Starts to reconcile the sources that say how. */
export function buildReconciler(config: Config, parts: WatchParts): Reconciler {
  const { db, log, logger, now, newId, wake, once } = parts
  const sources = config.sources.flatMap((source) =>
    source.reconcile === null ? [] : [reconciledSource(config.tenantId, source, source.reconcile, now)],
  )
  return new Reconciler(sources, {
    db,
    log,
    now,
    wake,
    once,
    random: Math.random,
    newRequestId: () => `reconcile-${newId(now())}`,
    onHealed: (source, healed) => logger.warn({ source, ...healed }, `Told what messages of ${source} did not bring`),
    onFault: (source, error) => logger.error({ err: error, source }, 'Reconciling paused until the next poll'),
  })
}

function reconciledSource(
  tenantId: string,
  { name, kind, watchdog }: SourceConfig,
  reconcile: ReconcileConfig,
  now: () => number,
): ReconciledSource {
  const createLister = LISTERS[kind]
  if (createLister === undefined) throw new Error(`A source of kind ${kind} cannot be asked what fires`)
  const ask = outgoingHttp(addressPolicyOf(reconcile))
  const headers = headersOf(reconcile)
  return {
    tenantId,
    name,
    kind,
    policy: reconcile,
    listers: reconcile.urls.map((url) =>
      createLister(
        { baseUrl: new URL(url.replace(/\/*$/, '/')), headers, timeoutMs: reconcile.timeoutMs },
        { ask, now },
      ),
    ),
    isIgnored: watchdog === null ? () => false : labelsMatcher(watchdog.match),
  }
}

function headersOf({ token, login }: ReconcileConfig): Readonly<Record<string, string>> {
  if (token !== null) return { authorization: `Bearer ${token.reveal()}` }
  if (login === null) return {}
  const text = `${login.username}:${login.password.reveal()}`
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` }
}
