import { Command, CommanderError } from 'commander'
import { NUNCHI_VERSION } from '../app/version.ts'
import { addCheckConfigCommand } from './check-config-command.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { addCopyDataCommand } from './copy-data-command.ts'
import { addCreateApiKeyCommand } from './create-api-key-command.ts'
import { addExplainRouteCommand } from './explain-route-command.ts'
import { addMigrateCommand } from './migrate-command.ts'
import { addPreviewMessageCommand } from './preview-message-command.ts'
import { addReplayQuarantineCommand } from './replay-quarantine-command.ts'
import { addSendTestAlertCommand } from './send-test-alert-command.ts'
import { addServeCommand } from './serve-command.ts'
import { addSlackDoctorCommand } from './slack-doctor-command.ts'

const WHAT_IT_IS =
  'Nunchi takes in every alert, keeps it, folds thousands of alerts into the few incidents that people manage, and tells each of them in one calm Slack thread.'

const FIRST_STEPS = `
First steps:
  nunchi serve                     start it: http://127.0.0.1:9009, data in ./data, no configuration needed
  nunchi send-test-alert           send it an alert and see the incident

Every setting is a variable or a key of a YAML file: docs/configuration.md, nunchi.example.yaml.
\`nunchi <command> --help\` explains a command, with examples.`

/** A command line that cannot be understood; what cannot be done ends with 1. */
const USAGE_EXIT_CODE = 2

/**
 * Runs one command, `argv` without program and script, and answers the exit code: 0 done, 1 not done, 2 not
 * understood. Never throws; what went wrong is printed as a sentence with its remedy, never as a stack.
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  try {
    await programOf(context).parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE
    context.printAside(error instanceof CliFailure ? error.text : bugWords(error))
    return 1
  }
}

function programOf(context: CliContext): Command {
  const program = new Command('nunchi')
    .description(WHAT_IT_IS)
    .version(NUNCHI_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain the command')
    .helpCommand(false)
    .addHelpText('after', FIRST_STEPS)
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.printAside(text.trimEnd()),
    })
    .showHelpAfterError('(`--help` explains the command)')
    .exitOverride()
  addServeCommand(program, context)
  addCheckConfigCommand(program, context)
  addExplainRouteCommand(program, context)
  addMigrateCommand(program, context)
  addCopyDataCommand(program, context)
  addSendTestAlertCommand(program, context)
  addPreviewMessageCommand(program, context)
  addReplayQuarantineCommand(program, context)
  addCreateApiKeyCommand(program, context)
  addSlackDoctorCommand(program, context)
  return program
}

function bugWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return `This went wrong: ${message}\n→ It looks like a bug of Nunchi ${NUNCHI_VERSION}: please report it with what you did.`
}
