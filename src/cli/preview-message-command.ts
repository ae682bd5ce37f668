import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { PREVIEW_STATES, previewMessage } from '../notify/channels/slack/preview-message.ts'
import {
  MESSAGE_LANGUAGES,
  MESSAGE_PRESETS,
  type TemplateOptions,
} from '../notify/channels/slack/templates/template-options.ts'
import { isTimeZone } from '../notify/channels/zoned-clock.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { readPreviewedIncident } from './read-previewed-incident.ts'

const EXAMPLES = `
Examples:
  nunchi preview-message                                       the message of a new incident
  nunchi preview-message --state resolved --language ko --time-zone Asia/Seoul
  nunchi preview-message --preset cloudwatch-ko --json         exactly what Slack is sent
  curl -s http://127.0.0.1:9009/api/v1/incidents/$ID | nunchi preview-message -

Works without a server and sends nothing. The address at the end opens Slack's own page that draws the message.`

interface Flags {
  readonly preset: TemplateOptions['preset']
  readonly language: TemplateOptions['language']
  readonly timeZone?: string
  readonly titlePrefix?: string
  readonly footer?: string
  readonly state?: string
  readonly json?: boolean
}

/** Adds `nunchi preview-message`. */
export function addPreviewMessageCommand(program: Command, context: CliContext): void {
  program
    .command('preview-message')
    .description('show what a message to Slack would look like')
    .argument(
      '[file]',
      'an incident as GET /api/v1/incidents/{id} answers it, or part of one; `-` reads standard input',
    )
    .addOption(new Option('--preset <preset>', 'the template').choices(MESSAGE_PRESETS).default('default'))
    .addOption(new Option('--language <language>', 'of the preset default').choices(MESSAGE_LANGUAGES).default('en'))
    .option('--time-zone <zone>', 'in which times are told, such as Asia/Seoul; otherwise that of the preset')
    .option('--title-prefix <text>', 'stands in brackets before the title')
    .option('--footer <text>', 'the last line')
    .addOption(
      new Option('--state <state>', 'what is told; otherwise `firing`, or what the file says').choices(PREVIEW_STATES),
    )
    .option('--json', 'print what Slack is sent, and nothing else')
    .addHelpText('after', EXAMPLES)
    .action((file: string | undefined, flags: Flags) => preview(context, file, flags))
}

function preview(context: CliContext, file: string | undefined, flags: Flags): void {
  if (flags.timeZone !== undefined && !isTimeZone(flags.timeZone))
    throw new CliFailure(`There is no time zone ${flags.timeZone}.`, 'Give an IANA name such as Asia/Seoul or UTC.')
  const { preset, language, timeZone = null, titlePrefix = null, footer = null } = flags
  const options = { preset, language, timeZone, titlePrefix, footer }
  const change =
    file === undefined
      ? undefined
      : readPreviewedIncident(read(context, file), { hasOwnState: flags.state === undefined })
  const { lines, content, builderUrl } = previewMessage(flags.state ?? 'firing', options, change)
  if (flags.json === true) {
    context.print(JSON.stringify(content, null, 2))
    return
  }
  for (const line of lines) context.print(line)
  context.print(`\nBlock Kit Builder: ${builderUrl}`)
}

function read({ readFile = (path) => readFileSync(path, 'utf8') }: CliContext, file: string): string {
  try {
    return readFile(file === '-' ? '/dev/stdin' : file)
  } catch (cause) {
    throw new CliFailure(`${file} cannot be read.`, 'Give the path of a JSON file, or `-` for standard input.', {
      cause,
    })
  }
}
