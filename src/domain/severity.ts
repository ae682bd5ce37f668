/**
 * The severities of the house, least first. `success` is a colour of system 2, not a state of an alert:
 * it exists for messages and ranks lowest.
 */
export const SEVERITIES = ['success', 'debug', 'info', 'warning', 'error', 'critical'] as const

export type Severity = (typeof SEVERITIES)[number]

/** 0 (success) … 5 (critical). Stored beside the word so that databases can sort by it. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

/** The severity of a stored rank; an impossible rank reads as `warning`, never as nothing. */
export function severityOfRank(rank: number): Severity {
  return SEVERITIES[rank] ?? 'warning'
}

export function higherSeverity(a: Severity, b: Severity): Severity {
  return severityRank(a) >= severityRank(b) ? a : b
}

export function lowerSeverity(a: Severity, b: Severity): Severity {
  return severityRank(a) <= severityRank(b) ? a : b
}

/** What senders write, in lower case. Numbers are Zabbix's 0–5, `p1`–`p5` Opsgenie's, `sev1`… PagerDuty users'. */
const SPELLINGS: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  crit: 'critical',
  fatal: 'critical',
  emergency: 'critical',
  emerg: 'critical',
  page: 'critical',
  disaster: 'critical',
  p1: 'critical',
  sev1: 'critical',
  alert: 'critical',
  '5': 'critical',
  error: 'error',
  err: 'error',
  high: 'error',
  major: 'error',
  p2: 'error',
  sev2: 'error',
  '4': 'error',
  warning: 'warning',
  warn: 'warning',
  average: 'warning',
  medium: 'warning',
  minor: 'warning',
  p3: 'warning',
  sev3: 'warning',
  '3': 'warning',
  '2': 'warning',
  info: 'info',
  information: 'info',
  informational: 'info',
  notice: 'info',
  low: 'info',
  none: 'info',
  p4: 'info',
  sev4: 'info',
  '1': 'info',
  debug: 'debug',
  p5: 'debug',
  sev5: 'debug',
  '0': 'debug',
  success: 'success',
  ok: 'success',
}

/**
 * Reads a sender's severity word. Unknown and missing words become `warning`: loud enough to be seen,
 * not loud enough to wake somebody for a typing error.
 */
export function readSeverity(word: string | undefined): Severity {
  const spelling = word?.trim().toLowerCase() ?? ''
  return Object.hasOwn(SPELLINGS, spelling) ? (SPELLINGS[spelling] as Severity) : 'warning'
}
