import * as z from 'zod'
import type { CliContext } from './cli-context.ts'
import { callServer, printable, readAnswer } from './server-client.ts'

const shownText = z.string().transform(printable)

/** What is shown of an incident. */
const SHOWN_INCIDENT = z.object({
  name: shownText,
  title: shownText,
  status: shownText,
  severity: shownText,
  source: z.string(),
  startedAt: z.iso.datetime(),
  firing: z.number(),
  total: z.number(),
  slack: z.object({ state: z.string(), url: shownText.nullable() }),
})
const PAGE = z.object({ items: z.array(SHOWN_INCIDENT) })

export type ShownIncident = z.output<typeof SHOWN_INCIDENT>

/** Where to look for the incident of a test alert. */
export interface TestIncidentReader {
  readonly url: string
  readonly apiKey: string | undefined
  readonly source: string
  readonly title: string
}

const KEY_REMEDY =
  'The alert was sent. To see its incident, give a key with the scope read with --api-key or NUNCHI_API_KEY.'

/** The incident of a test alert: the open one, otherwise the newest; null when there is none. */
export async function findTestIncident(context: CliContext, reader: TestIncidentReader): Promise<ShownIncident | null> {
  const query = new URLSearchParams({ source: reader.source, q: reader.title, limit: '50' })
  const answer = await callServer(context, {
    url: reader.url,
    path: `/api/v1/incidents?${query}`,
    credential: reader.apiKey,
    credentialRemedy: KEY_REMEDY,
  })
  const { items } = readAnswer(PAGE, answer)
  const own = items.filter(({ title, source }) => title === reader.title && source === reader.source)
  const newestFirst = own.sort((left, right) => right.startedAt.localeCompare(left.startedAt))
  return newestFirst.find(({ status }) => status !== 'resolved') ?? newestFirst[0] ?? null
}

const POLL_MS = 250
const MOST_POLLS = 40
/** Slack is often a moment behind the incident; longer is told as it is. */
const MOST_POLLS_FOR_SLACK = 20

/** Looks until the incident is as the alert says and was told, for ten seconds at most; answers what it saw last. */
export async function watchTestIncident(
  context: CliContext,
  reader: TestIncidentReader,
  isResolved: boolean,
): Promise<ShownIncident | null> {
  let seen: ShownIncident | null = null
  let settledPolls = 0
  for (let poll = 0; poll < MOST_POLLS && settledPolls < MOST_POLLS_FOR_SLACK; poll++) {
    if (poll > 0) await context.sleep(POLL_MS)
    const found = await findTestIncident(context, reader)
    // After a clear the resolved incident is the answer; after a firing an old resolved one is not.
    seen = isResolved || found?.status !== 'resolved' ? found : null
    if (seen === null || isResolved === seen.firing > 0) continue
    settledPolls += 1
    if (isToldFor(seen, settledPolls)) return seen
  }
  return seen
}

/** Nobody was asked to tell it: that is only certain after a moment. */
const POLLS_UNTIL_NOBODY_IS_ASKED = 3

function isToldFor({ slack }: ShownIncident, settledPolls: number): boolean {
  if (slack.state === 'none') return settledPolls >= POLLS_UNTIL_NOBODY_IS_ASKED
  return slack.state !== 'pending'
}
