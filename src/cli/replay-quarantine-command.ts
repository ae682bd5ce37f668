import type { Command } from 'commander'
import * as z from 'zod'
import { clientCredentials } from '../app/config.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { callServer, DEFAULT_URL, printable, readAnswer } from './server-client.ts'

const EXAMPLES = `
Examples:
  nunchi replay-quarantine                           everything
  nunchi replay-quarantine --source grafana          what came from one source
  nunchi replay-quarantine --id 01JD4Q7Z3E8M5N6P7R8S9T0V1W

What is in quarantine, and why: GET /api/v1/quarantine. Replay it after an upgrade, or after correcting the settings
of the source. What still cannot be read stays in quarantine.`

interface Flags {
  readonly url: string
  readonly apiKey?: string
  readonly source?: string
  readonly id?: string
}

/** Adds `nunchi replay-quarantine`. */
export function addReplayQuarantineCommand(program: Command, context: CliContext): void {
  program
    .command('replay-quarantine')
    .description('read again what could not be read, on a running server')
    .option('--url <url>', 'where the server runs', DEFAULT_URL)
    .option('--api-key <key>', 'a key with the scope respond; otherwise NUNCHI_API_KEY')
    .option('--source <name>', 'only what came from this source')
    .option('--id <id>', 'only this entry')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => await replayQuarantine(context, flags))
}

/** What came of one entry. */
const RESULT = z.object({
  id: z.string().transform(printable),
  outcome: z.enum(['replayed', 'deferred', 'already-replayed', 'refused']),
  events: z.number(),
  quarantined: z.number(),
  detail: z.string().transform(printable),
})
const PAGE = z.object({ items: z.array(RESULT), nextCursor: z.string().nullable() })

type Result = z.output<typeof RESULT>

async function replayQuarantine(context: CliContext, flags: Flags): Promise<void> {
  if (flags.id !== undefined && flags.source !== undefined) {
    throw new CliFailure('--id and --source cannot be used together.', 'An id names one entry of one source already.')
  }
  const results = flags.id === undefined ? await replayAll(context, flags) : [await replayOne(context, flags, flags.id)]
  for (const line of wordsFor(results)) context.print(line)
}

async function replayOne(context: CliContext, flags: Flags, id: string): Promise<Result> {
  return readAnswer(RESULT, await post(context, flags, `/api/v1/quarantine/${encodeURIComponent(id)}/replay`, {}))
}

async function replayAll(context: CliContext, flags: Flags): Promise<readonly Result[]> {
  const results: Result[] = []
  let cursor: string | null = null
  do {
    const body = { ...(flags.source !== undefined && { source: flags.source }), ...(cursor !== null && { cursor }) }
    const page: z.output<typeof PAGE> = readAnswer(PAGE, await post(context, flags, '/api/v1/quarantine/replay', body))
    results.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return results
}

async function post(context: CliContext, flags: Flags, path: string, body: object): Promise<unknown> {
  return await callServer(context, {
    url: flags.url,
    path,
    method: 'POST',
    body,
    credential: flags.apiKey ?? clientCredentials(context.env).apiKey,
    credentialRemedy: 'Give a key with the scope respond with --api-key or NUNCHI_API_KEY.',
  })
}

/** More than these say the same again. */
const MOST_REFUSALS_SHOWN = 20

function wordsFor(results: readonly Result[]): readonly string[] {
  if (results.length === 0) return ['Nothing is in quarantine there.']
  const of = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome)
  const replayed = of('replayed')
  const refused = of('refused')
  const events = replayed.reduce((sum, result) => sum + result.events, 0)
  const again = replayed.reduce((sum, result) => sum + result.quarantined, 0)
  const lines: readonly (readonly [count: number, words: string])[] = [
    [replayed.length, `Read again: ${replayed.length}, with ${events} alert events.`],
    [of('deferred').length, `Being read in the background, because they are large: ${of('deferred').length}.`],
    [of('already-replayed').length, `Read before: ${of('already-replayed').length}.`],
    [again, `Alerts of them that cannot be read even now: ${again}; they are in quarantine anew.`],
    [refused.length, `Still in quarantine: ${refused.length}.`],
  ]
  const reasons = refused.slice(0, MOST_REFUSALS_SHOWN).map(({ id, detail }) => `  ${id}: ${detail}`)
  return [...lines.filter(([count]) => count > 0).map(([, words]) => words), ...reasons]
}
