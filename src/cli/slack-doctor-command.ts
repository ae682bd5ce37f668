import type { Command } from 'commander'
import type { Config } from '../app/config/config-shape.ts'
import { diagnosedWorkspacesOf } from '../app/slack-workspaces.ts'
import { diagnoseSlack, type SlackFinding } from '../notify/channels/slack/diagnose-slack.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { addConfigFlags, type ConfigFlags, loadConfig } from './load-config.ts'

const EXAMPLES = `
Examples:
  nunchi slack doctor                        with the variables of this shell
  nunchi slack doctor --config nunchi.yaml   with a configuration file

It posts nothing. Ends with 0 when incidents can be told and people can act, with 1 when something is in the way.`

const MARKS: Readonly<Record<SlackFinding['level'], string>> = { fine: '✓', warning: '!', blocking: '✗' }

/** Adds `nunchi slack doctor`. */
export function addSlackDoctorCommand(program: Command, context: CliContext): void {
  const slack = program.command('slack').description('look after the connection to Slack')
  addConfigFlags(slack.command('doctor'))
    .description('check token, scopes, channels, signing secret, Socket Mode and clock, and say what to do')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ConfigFlags) => await examine(loadConfig(context, flags).config, context))
}

async function examine(config: Config, context: CliContext): Promise<void> {
  const workspaces = diagnosedWorkspacesOf(config)
  if (workspaces.length === 0)
    throw new CliFailure('There is no Slack bot to look at', 'Set SLACK_BOT_TOKEN and SLACK_CHANNEL: docs/slack.md.')
  const deps = { fetch: globalThis.fetch, now: Date.now, signal: new AbortController().signal }
  let inTheWay = 0
  for (const workspace of workspaces) {
    context.print(`Workspace ${workspace.name}`)
    for (const { level, what, remedy } of await diagnoseSlack(deps, workspace)) {
      context.print(`  ${MARKS[level]} ${what}${remedy === null ? '' : `\n    → ${remedy}`}`)
      if (level === 'blocking') inTheWay++
    }
  }
  if (inTheWay > 0)
    throw new CliFailure(
      `${inTheWay} ${inTheWay === 1 ? 'thing is' : 'things are'} in the way`,
      'Do what stands behind each ✗, and run it again.',
    )
  context.print('\nNothing is in the way.')
}
