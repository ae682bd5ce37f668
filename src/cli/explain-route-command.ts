import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { createRouting } from '../app/create-routing.ts'
import { routingDataOf } from '../app/engine-data.ts'
import { explainRoute } from '../app/explain-route.ts'
import { askedIncidents } from '../app/route-questions.ts'
import { ExplainRouteBody } from '../http/contract/routing-contract.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { addConfigFlags, type ConfigFlags, loadConfig } from './load-config.ts'
import { routeExplanationText } from './route-explanation-text.ts'

const EXAMPLES = `
Examples:
  nunchi explain-route '{"labels": {"team": "payments"}, "severity": "critical"}'
  nunchi explain-route webhook.json          a body that Alertmanager sends: each of its alerts
  nunchi explain-route - --at 2026-03-29T03:00:00+02:00 < webhook.json

Reads the configuration, not a running server. Keys beside labels and severity: source, service, environment, cluster and
namespace. Where an incident that is there is told, and why: POST /api/v1/routes/explain {"incidentId": "INC-1"}.`

interface Flags extends ConfigFlags {
  readonly at?: string
}

/** Adds `nunchi explain-route`. */
export function addExplainRouteCommand(program: Command, context: CliContext): void {
  addConfigFlags(program.command('explain-route'))
    .argument('<json>', 'JSON, the name of a file, or - for standard input')
    .description('say where an incident would be told, and why not elsewhere')
    .option('--at <time>', 'when it happens, ISO 8601 with a zone; otherwise now')
    .addHelpText('after', EXAMPLES)
    .action((input: string, flags: Flags) => {
      const { config } = loadConfig(context, flags)
      const body = readQuestion({ ...(flags.at !== undefined && { at: flags.at }), ...readInput(context, input) })
      const at = body.at ?? context.now()
      const { tenantId, environment, channels } = config
      const asked = askedIncidents(body, { tenantId, environment, now: at })
      if (!asked.ok) throw new CliFailure(`The alerts cannot be read: ${asked.problem}`, '')
      const routing = createRouting(routingDataOf(config))
      const texts = asked.incidents.map((incident) =>
        routeExplanationText(explainRoute({ routing, channels }, incident, at)),
      )
      context.print(texts.join('\n\n'))
      if (asked.more > 0) context.printAside(`${asked.more} further alerts are not shown.`)
    })
}

function readInput(context: CliContext, input: string): object {
  const isJson = input.trimStart().startsWith('{')
  const text = isJson ? input : readText(context, input)
  const parsed = parseJson(text)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new CliFailure(
      'The JSON is no object.',
      'Write for example {"labels": {"team": "payments"}, "severity": "critical"}.',
    )
  return parsed
}

function readText({ readFile }: CliContext, name: string): string {
  const read = readFile ?? ((path: string) => readFileSync(path, 'utf8'))
  try {
    return read(name === '-' ? '/dev/stdin' : name)
  } catch (error) {
    throw new CliFailure(`${name} cannot be read.`, 'Name a file with JSON, or write the JSON itself in quotes.', {
      cause: error,
    })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CliFailure('That is not valid JSON.', error instanceof Error ? error.message : '', { cause: error })
  }
}

function readQuestion(input: object) {
  const { incidentId: _, ...question } = input as Record<string, unknown>
  const read = ExplainRouteBody.safeParse(question)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new CliFailure(
    `${issue?.path.join('.') ?? 'It'}: ${issue?.message ?? 'is not understood'}`,
    '`--help` shows the form.',
  )
}
