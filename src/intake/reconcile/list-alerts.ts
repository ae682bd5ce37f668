import { isJsonRecord, type JsonRecord } from '../json-scan-values.ts'
import type { ListedAlert, ListerDeps, ListerSettings, Listing } from './alert-lister.ts'
import { failureOfStatus } from './read-json-answer.ts'
import { BrokenArrayError, readJsonArray } from './read-json-array.ts'

interface Reading {
  readonly onAlert: (alert: ListedAlert) => void
  /** Null: the element is no alert, and the answer cannot be taken for what it should be. */
  readonly read: (element: JsonRecord) => ListedAlert | null
  readonly stop: AbortSignal
}

type Failure = Extract<Listing, { kind: 'failed' }>

/** Reads a list of alerts while it arrives. Answers null when it was read whole, else what went wrong; never throws. */
export async function listAlerts(
  question: ListerSettings & { readonly path: string },
  { ask }: ListerDeps,
  { onAlert, read, stop }: Reading,
): Promise<Failure | null> {
  const { baseUrl, path, headers, timeoutMs } = question
  const answer = await ask({ url: new URL(path, baseUrl), headers, timeoutMs }, stop)
  if (answer.kind === 'failed') return answer
  if (answer.status !== 200) {
    answer.drop()
    return failureOfStatus(baseUrl.host, answer.status)
  }
  try {
    for await (const element of readJsonArray(answer.body)) {
      const alert = isJsonRecord(element) ? read(element) : null
      if (alert === null) throw new BrokenArrayError('the answer holds something that is not an alert')
      onAlert(alert)
    }
    return null
  } catch (error) {
    answer.drop()
    if (error instanceof BrokenArrayError)
      return {
        kind: 'failed',
        problem: `${baseUrl.host} answered something else than its alerts: ${error.message}`,
        remedy: 'Give the address of the server itself, with its path prefix where it has one.',
      }
    return {
      kind: 'failed',
      problem: `${baseUrl.host} broke off its answer`,
      remedy: 'Look at the server and at the network.',
    }
  }
}
