/** Something that must be heard of regularly. */
export interface DeadManSwitch {
  /** A watchdog: an alert that always fires. Silence: anything at all from a source. */
  readonly kind: 'watchdog' | 'silence'
  readonly source: string
  readonly afterMs: number
}

/** What is known of a switch. */
export interface SwitchFacts {
  /** When it was last heard of, ms since 1970; null = never. */
  readonly seenAt: number | null
  /** Everything that arrived until then is known. */
  readonly knownUpTo: number
  /** Since when somebody has listened without a break. */
  readonly listeningSince: number
}

/**
 * When a switch was missed, ms since 1970, or null while it is not. Judged at the time up to which everything is known,
 * and not at the time of day: what waits in a backlog of ours has arrived. Before anybody listened nothing is missed.
 */
export function missedSince({ afterMs }: DeadManSwitch, facts: SwitchFacts): number | null {
  const heardAt = Math.max(facts.seenAt ?? 0, facts.listeningSince)
  return facts.knownUpTo - heardAt > afterMs ? heardAt + afterMs : null
}

/** The labels of the alert of a switch, which are its identity. */
export function labelsOfSwitch({ kind, source }: DeadManSwitch): Readonly<Record<string, string>> {
  return kind === 'watchdog'
    ? { alertname: 'NunchiWatchdogMissing', severity: 'critical', service: 'nunchi', source }
    : { alertname: 'NunchiSourceSilent', severity: 'error', service: 'nunchi', source }
}

/** What people read of a switch that was missed. */
export function annotationsOfSwitch(
  { kind, source, afterMs }: DeadManSwitch,
  seenAt: number | null,
): Readonly<Record<string, string>> {
  const at = seenAt === null ? null : new Date(seenAt).toISOString()
  if (kind === 'watchdog')
    return {
      summary: `No watchdog from ${source} for ${spanOf(afterMs)}`,
      description: `The alert that always fires does not come any more. It ${at === null ? 'has never come' : `came last at ${at}`}. Alerts may be lost: look at Prometheus, at Alertmanager, and at the way from there to here.`,
    }
  return {
    summary: `Nothing came from ${source} for ${spanOf(afterMs)}`,
    description: `The source has fallen silent. ${at === null ? 'Nothing has ever come' : `Its last delivery came at ${at}`}. Look at the sender, and at the way from there to here.`,
  }
}

function spanOf(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1000)} s`
}
