import { type Command, Option } from 'commander'
import { clientCredentials } from '../app/config.ts'
import { SEVERITIES } from '../domain/severity.ts'
import type { CliContext } from './cli-context.ts'
import { findTestIncident, type ShownIncident, watchTestIncident } from './find-test-incident.ts'
import { callServer, DEFAULT_URL } from './server-client.ts'
import { testAlertBody, testAlertTitle } from './test-alert.ts'

const EXAMPLES = `
Examples:
  nunchi send-test-alert                     a critical alert fires
  nunchi send-test-alert --resolve           and clears again
  nunchi send-test-alert --url https://nunchi.example.com --source alertmanager-eu --token $TOKEN

A token on the command line can be seen by other users of this machine; NUNCHI_INGEST_TOKEN and NUNCHI_API_KEY cannot.`

export interface TestAlertFlags {
  readonly url: string
  readonly source: string
  readonly token?: string
  readonly apiKey?: string
  readonly severity: string
  readonly name: string
  readonly resolve?: boolean
}

/** Adds `nunchi send-test-alert`. */
export function addSendTestAlertCommand(program: Command, context: CliContext): void {
  program
    .command('send-test-alert')
    .description('send an alert as Alertmanager would, and show what becomes of it')
    .option('--url <url>', 'where the server runs', DEFAULT_URL)
    .option('--source <name>', 'the source of kind alertmanager that it comes from', 'alertmanager')
    .option('--token <token>', 'the token of that source; otherwise NUNCHI_INGEST_TOKEN')
    .option('--api-key <key>', 'a key with the scope read, to look at the incident; otherwise NUNCHI_API_KEY')
    .addOption(new Option('--severity <severity>', 'how bad it is').choices(SEVERITIES).default('critical'))
    .option('--name <name>', 'the name of the alert', 'TestAlert')
    .option('--resolve', 'the alert clears instead of firing')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: TestAlertFlags) => await sendTestAlert(context, flags))
}

const TOKEN_REMEDY = 'Give the token of the source with --token or NUNCHI_INGEST_TOKEN.'

async function sendTestAlert(context: CliContext, flags: TestAlertFlags): Promise<void> {
  const { ingestToken, apiKey } = clientCredentials(context.env)
  const reader = { url: flags.url, apiKey: flags.apiKey ?? apiKey, source: flags.source, title: testAlertTitle(flags) }
  const isResolved = flags.resolve === true
  // A real Alertmanager repeats the start of the alert when it clears.
  const open = isResolved ? await findTestIncident(context, reader).catch(() => null) : null
  const endsAt = new Date(context.now())
  const startsAt = open === null ? new Date(endsAt.getTime() - (isResolved ? 60_000 : 0)) : new Date(open.startedAt)
  const path = `/webhook/alertmanager/${encodeURIComponent(flags.source)}`
  const body = testAlertBody({ ...flags, isResolved, startsAt, endsAt })
  await callServer(context, {
    url: flags.url,
    path,
    method: 'POST',
    body,
    credential: flags.token ?? ingestToken,
    credentialRemedy: TOKEN_REMEDY,
  })
  context.print(
    `Sent      ${flags.name} (${flags.severity}), ${isResolved ? 'resolved' : 'firing'}, to the source ${flags.source}`,
  )
  context.print('Kept      the server has it on disk')
  const incident = await watchTestIncident(context, reader, isResolved)
  for (const line of wordsFor(incident, isResolved, flags.url)) context.print(line)
}

function wordsFor(incident: ShownIncident | null, isResolved: boolean, url: string): readonly string[] {
  if (incident === null) {
    const why = isResolved
      ? 'no open incident of this alert was found, so there was nothing to resolve'
      : 'not there yet: the server is busy, or the body was quarantined (see /api/v1/quarantine)'
    return [`Incident  ${why}`]
  }
  const { name, title, status, severity, firing, total } = incident
  const facts = `${name} "${title}": ${status}, ${severity}, ${firing} of ${total} ${total === 1 ? 'alert' : 'alerts'} firing`
  const isWaiting = isResolved && status !== 'resolved'
  return [
    `Incident  ${facts}${isWaiting ? ' (it resolves by itself when its hold-off ends, or when a person does it)' : ''}`,
    `Told      ${toldWords(incident, url)}`,
  ]
}

function toldWords({ slack }: ShownIncident, url: string): string {
  const link = slack.url === null ? '' : `: ${slack.url}`
  const base = url.replace(/\/+$/, '')
  switch (slack.state) {
    case 'shown':
      return `in Slack${link}`
    case 'pending':
      return `on its way to Slack${link}`
    case 'blocked':
      return `not: Slack refuses it, and a person must repair that; ${base}/health says what`
    default:
      return `nowhere: Slack is not configured. What would be posted: ${base}/api/v1/notifications/would-be`
  }
}
