import type { Listing } from './alert-lister.ts'

/**
 * Whether the absence of an alert from what all servers of a sender listed means anything.
 *
 * What really happens at the senders, and what follows from it:
 *
 * | fact | where it is written | rule |
 * |---|---|---|
 * | Alertmanager keeps alerts in memory only. After a restart it lists none until Prometheus sends them again: after the next evaluation of their rule and at most `--rules.alert.resend-delay` (1 m) later. | alertmanager `provider/mem`, prometheus `rules/alerting.go` (`needsSending`) | Its answers count only when it has been running for `settle`, and an absence only within one life of the process (`uptime` of `/api/v2/status`, asked after the list). |
 * | `uptime` is the time of its start, not a duration. | alertmanager `api/v2/api.go` (`getStatusHandler`) | It is compared with the `Date` of the same answer, so that clocks need not agree. |
 * | In a cluster `status` is `settling` until the peers have been heard. | alertmanager `cluster/cluster.go` | Only `ready` and `disabled` (no cluster) count. |
 * | Peers share silences and the notification log, not alerts: Prometheus sends alerts to each. One that Prometheus cannot reach lists fewer. | alertmanager `docs/high_availability.md` | What any server lists fires. What none lists is absent only when all have answered and all count. |
 * | An alert leaves the list at its `endsAt`. Prometheus sets that to four times the larger of evaluation interval and resend delay ahead; without one it is `resolve_timeout`. A short gap of Prometheus does not empty the list. | prometheus `rules/alerting.go` (`sendAlerts`), alertmanager `api/v2/api.go` (`postAlertsHandler`) | An end that Alertmanager came to by itself is an end: it would tell it too. |
 * | The webhook of an end waits for the next flush of its group, up to `group_interval` (5 m), and is then retried for as long. | alertmanager `dispatch/dispatch.go` | An absence is healed after `missingFor` and three polls at the least. |
 * | Silenced and inhibited alerts stay in the list as `suppressed`. | alertmanager `api/v2/api.go` (`alertFilter`) | They fire: nothing is resolved. Nobody is told of them either: nothing is opened. |
 * | Grafana answers the same list, but `uptime` is null. After a restart its rules send again at their next evaluation. | grafana `NewGettableStatus` ("the only field we support is Config"), `ngalert/state` | Its life begins with the first good answer after a bad one, and an absence must last for `settle` too, because a restart between two polls goes unseen. |
 */
export interface AnswerTrust {
  readonly isTrusted: boolean
  /** Names the lives of all servers: an absence counts within one value. */
  readonly life: string
  /** An absence must last for so long, beside what is configured. */
  readonly leastMs: number
  /** Why absences do not count now, for people; null when they do. */
  readonly doubt: string | null
}

export interface JudgedAnswer {
  readonly place: string
  readonly listing: Listing
  /** Since when this server has answered every time, ms since 1970. */
  readonly answersSince: number
}

/** Judges the answers of one poll, one per server of the sender. */
export function trustAnswers(
  answers: readonly JudgedAnswer[],
  { now, settleMs }: { readonly now: number; readonly settleMs: number },
): AnswerTrust {
  const doubt = answers.map((answer) => doubtOf(answer, now, settleMs)).find((found) => found !== null) ?? null
  const saysNoLife = answers.some(({ listing }) => listing.kind === 'listed' && listing.startedAt === null)
  return {
    isTrusted: answers.length > 0 && doubt === null,
    life: answers.map(lifeOf).join('\n'),
    leastMs: saysNoLife ? settleMs : 0,
    doubt,
  }
}

function doubtOf({ place, listing, answersSince }: JudgedAnswer, now: number, settleMs: number): string | null {
  if (listing.kind === 'failed') return `${place} does not answer`
  if (!listing.isReady) return `${place} is still gathering what its peers know`
  const since = listing.startedAt ?? answersSince
  return now - since < settleMs ? `${place} has not been running for long enough` : null
}

function lifeOf({ place, listing, answersSince }: JudgedAnswer): string {
  return listing.kind === 'failed' ? `${place} ?` : `${place} ${listing.life ?? `answers since ${answersSince}`}`
}
