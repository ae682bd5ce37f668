import type { Logger } from 'pino'
import type { OncePerCluster } from '../cluster/once-per-cluster.ts'
import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import type { AlertLister } from '../intake/reconcile/alert-lister.ts'
import type { ListerDeps, ListerSettings } from '../intake/reconcile/list-alerts.ts'
import type { ReconciledSource } from '../intake/reconcile/reconcile-source.ts'
import { Reconciler } from '../intake/reconcile/reconciler.ts'
import { alertmanagerLister } from '../intake/sources/alertmanager/list-alertmanager-alerts.ts'
import { grafanaLister } from '../intake/sources/grafana/list-grafana-alerts.ts'
import { compileLabelMatcher, parseLabelMatcher } from '../notify/label-matcher.ts'
import type { Db } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { Config, ReconcileConfig, SourceConfig } from './config/config-shape.ts'
import { outgoingHttp } from './outgoing-http.ts'
import { NUNCHI_VERSION } from './version.ts'

/** How the senders of each kind are asked. Adding one touches its folder and this list. */
const LISTERS: Readonly<Record<string, (settings: ListerSettings, deps: ListerDeps) => AlertLister>> = {
  alertmanager: alertmanagerLister,
  grafana: grafanaLister,
}

export const USER_AGENT = `Nunchi/${NUNCHI_VERSION}`

export interface ReconcilerParts {
  readonly db: Db
  readonly log: Pick<DeliveryLog, 'append' | 'list' | 'get'>
  readonly logger: Logger
  readonly now: () => number
  readonly newId: NewId
  readonly wake: () => void
  readonly once: OncePerCluster
}

/** Starts to reconcile the sources that say how. */
export function buildReconciler(config: Config, parts: ReconcilerParts): Reconciler {
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
  const ask = outgoingHttp({ ...reconcile, ca: reconcile.ca?.reveal() ?? null, userAgent: USER_AGENT })
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

/** Whether labels fit all of several matchers, which the configuration has checked. */
export function labelsMatcher(texts: readonly string[]): (labels: Readonly<Record<string, string>>) => boolean {
  const tests = texts.map((text) => {
    const parsed = parseLabelMatcher(text)
    if (!parsed.ok) throw new Error(`${text} ${parsed.problem}`)
    const fits = compileLabelMatcher(parsed.matcher)
    return (labels: Readonly<Record<string, string>>) => fits(labels[parsed.matcher.name] ?? '')
  })
  return (labels) => tests.every((test) => test(labels))
}
