import type { ParsedFile } from './config-schema.ts'
import type { AddressRules, HeartbeatConfig, ReconcileConfig, SourceConfig } from './config-shape.ts'
import { formatDuration } from './parse-units.ts'
import type { ParsedReconcile } from './reconcile-section.ts'
import type { ParsedSource } from './source-section.ts'

type Watching = Pick<SourceConfig, 'reconcile' | 'watchdog' | 'silentAfterMs'>

/** What is watched about a source, beside what it delivers. */
export function watchingOf({ reconcile, watchdog, silentAfter }: ParsedSource): Watching {
  return {
    reconcile: reconcile === undefined ? null : reconcileOf(reconcile),
    watchdog: watchdog === undefined ? null : { match: watchdog.match, afterMs: watchdog.after },
    silentAfterMs: silentAfter ?? null,
  }
}

/** The outgoing heartbeat; null without an address. */
export function heartbeatOf({ heartbeat }: ParsedFile): HeartbeatConfig | null {
  const { url, method, every, timeout } = heartbeat
  if (url === undefined) return null
  return { url, method, everyMs: every, timeoutMs: timeout, ...addressRulesOf(heartbeat) }
}

function reconcileOf(parsed: ParsedReconcile): ReconcileConfig {
  const { url, urls, token, username, password } = parsed
  return {
    urls: urls ?? (url === undefined ? [] : [url]),
    token: token ?? null,
    login: username === undefined || password === undefined ? null : { username, password },
    everyMs: parsed.every,
    timeoutMs: parsed.timeout,
    missingForMs: parsed.missingFor,
    settleMs: parsed.settle,
    healsMissing: parsed.healMissing,
    receivers: parsed.receivers ?? null,
    ...addressRulesOf(parsed),
  }
}

function addressRulesOf(parsed: {
  readonly ca?: string | undefined
  readonly allowPrivateAddresses: boolean
  readonly allowUnencrypted: boolean
}): AddressRules {
  const { ca, allowPrivateAddresses, allowUnencrypted } = parsed
  return { ca: ca ?? null, allowPrivateAddresses, allowUnencrypted }
}

/** The same in the form of the file. */
export function watchingInFormOfFile({ reconcile, watchdog, silentAfterMs }: Watching): object {
  return {
    silentAfter: silentAfterMs === null ? null : formatDuration(silentAfterMs),
    watchdog: watchdog === null ? null : { match: watchdog.match, after: formatDuration(watchdog.afterMs) },
    reconcile: reconcile === null ? null : reconcileInFormOfFile(reconcile),
  }
}

/** The same in the form of the file; null where there is none. */
export function heartbeatInFormOfFile(heartbeat: HeartbeatConfig | null): object | null {
  if (heartbeat === null) return null
  const { everyMs, timeoutMs, ...written } = heartbeat
  return { ...written, every: formatDuration(everyMs), timeout: formatDuration(timeoutMs) }
}

function reconcileInFormOfFile(reconcile: ReconcileConfig): object {
  const { urls, login, everyMs, timeoutMs, missingForMs, settleMs, healsMissing, ...written } = reconcile
  return {
    ...(urls.length === 1 ? { url: urls[0] } : { urls }),
    ...login,
    ...written,
    every: formatDuration(everyMs),
    timeout: formatDuration(timeoutMs),
    missingFor: formatDuration(missingForMs),
    settle: formatDuration(settleMs),
    healMissing: healsMissing,
  }
}
