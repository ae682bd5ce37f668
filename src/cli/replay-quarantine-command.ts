import type { Command } from 'commander'
import { z } from 'zod'
import { clientCredentials } from '../app/config.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { callServer, DEFAULT_URL } from './server-client.ts'

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
    .option('--api-key <key>', 'a key with the scope admin; otherwise NUNCHI_API_KEY')
    .option('--source <name>', 'only what came from this source')
    .option('--id <id>', 'only this entry')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => await replayQuarantine(context, flags))
}

const COUNTS = z.looseObject({ replayed: z.number().optional(), stillQuarantined: z.number().optional() })

async function replayQuarantine(context: CliContext, flags: Flags): Promise<void> {
  if (flags.id !== undefined && flags.source !== undefined) {
    throw new CliFailure('--id and --source cannot be used together.', 'An id names one entry of one source already.')
  }
  const answer = await callServer(context, {
    url: flags.url,
    path:
      flags.id === undefined
        ? '/api/v1/quarantine/replay'
        : `/api/v1/quarantine/${encodeURIComponent(flags.id)}/replay`,
    method: 'POST',
    body: flags.source === undefined ? {} : { source: flags.source },
    credential: flags.apiKey ?? clientCredentials(context.env).apiKey,
    credentialRemedy: 'Give a key with the scope admin with --api-key or NUNCHI_API_KEY.',
  })
  context.print(wordsFor(COUNTS.safeParse(answer).data ?? {}))
}

function wordsFor({ replayed, stillQuarantined = 0 }: z.output<typeof COUNTS>): string {
  if (replayed === 0 && stillQuarantined === 0) return 'Nothing is in quarantine there.'
  const read = replayed === undefined ? 'Replayed.' : `Read now: ${replayed}.`
  return stillQuarantined === 0
    ? read
    : `${read} Still in quarantine: ${stillQuarantined}; GET /api/v1/quarantine says why.`
}
