import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { AppDeps } from '../app/build-app.ts'
import type { Config } from '../app/config/config-shape.ts'
import { createLogger } from '../app/logger.ts'
import { NUNCHI_VERSION } from '../app/version.ts'
import { type RunningNunchi, startNunchi } from '../http/serve.ts'
import { migratable } from '../store/database.ts'
import { isPassingOutage } from '../store/dialects/database-error.ts'
import { previewMigrations } from '../store/pending-migrations.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { explainFault } from './explain-fault.ts'
import { addConfigFlags, type ConfigFlags, loadConfig } from './load-config.ts'
import { withDatabase } from './with-database.ts'

const EXAMPLES = `
Examples:
  nunchi serve                               on http://127.0.0.1:9009, data in ./data
  nunchi serve --config nunchi.yaml          with a configuration file
  PORT=8080 nunchi serve                     every setting is also a variable

Point Alertmanager at http://127.0.0.1:9009/webhook/alertmanager, or try it with: nunchi send-test-alert`

/** A graceful stop that takes longer is cut: supervisors wait ten seconds before they kill. */
const LONGEST_STOP_MS = 9_500

/** Adds `nunchi serve`. */
export function addServeCommand(program: Command, context: CliContext): void {
  addConfigFlags(program.command('serve'))
    .description('take alerts in, keep them, fold them into incidents, and tell them in Slack')
    .option('--host <address>', 'the address to listen on; otherwise 127.0.0.1')
    .option('--port <number>', 'the port to listen on; otherwise 9009')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ConfigFlags) => {
      const { config, warnings } = loadConfig(context, flags)
      const logger = createLogger(config.logLevel)
      for (const warning of warnings) logger.warn(warning)
      await serve(config, { context, logger, start: startNunchi })
    })
}

export interface ServeDeps {
  readonly context: CliContext
  readonly logger: Logger
  readonly start: (config: Config, deps: AppDeps) => Promise<RunningNunchi>
}

/**
 * Serves until SIGTERM or SIGINT, then stops gracefully and returns. A second signal, and a fault that nobody
 * caught, end the process at once with 1. Throws a `CliFailure` when the product cannot start.
 */
export async function serve(config: Config, { context, logger, start }: ServeDeps): Promise<void> {
  const die = (fault: unknown): void => {
    logger.fatal({ err: fault }, 'Nunchi ends because of a fault; what was acknowledged is kept')
    context.exit(1)
  }
  context.process.on('unhandledRejection', die)
  context.process.on('uncaughtException', die)
  // Listening before the start: a signal in its middle must not kill the process between two writes.
  const stopped = firstSignal(context, logger)
  const deps = { spawn: context.spawn, logger, onFatal: die }
  const running = await startPatiently(() => start(config, deps), { context, logger, stopped }).catch(
    async (error: unknown) => {
      const failure = explainFault(error, config) ?? (await databaseFault(config))
      if (failure === null) logger.fatal({ err: error }, 'Nunchi could not start')
      throw failure ?? error
    },
  )
  logger.info(
    { address: running.address, version: NUNCHI_VERSION, isOpen: config.isOpen },
    `Nunchi is ready at ${running.address}`,
  )
  const signal = await stopped
  logger.info({ signal }, 'Stopping: requests in flight finish first')
  const cut = setTimeout(() => {
    logger.error('The stop took too long and was cut; what was acknowledged is kept')
    context.exit(1)
  }, LONGEST_STOP_MS)
  await running.close()
  clearTimeout(cut)
  logger.info('Stopped')
}

/** A database that is being restarted is back within this. */
const START_PATIENCE_MS = 20_000
const START_PAUSE_MS = 1_000

/** Starts again while a database server passes through a restart or loses connections; what needs a person is told at once. */
async function startPatiently(
  start: () => Promise<RunningNunchi>,
  { context, logger, stopped }: Pick<ServeDeps, 'context' | 'logger'> & { readonly stopped: Promise<unknown> },
): Promise<RunningNunchi> {
  let isStopping = false
  void stopped.then(() => {
    isStopping = true
  })
  const deadline = context.now() + START_PATIENCE_MS
  for (;;) {
    try {
      return await start()
    } catch (error) {
      if (!isPassingOutage(error) || context.now() >= deadline || isStopping) throw error
      logger.warn({ err: error }, 'The database went away during the start; trying again')
      await context.sleep(START_PAUSE_MS)
    }
  }
}

/** A thread that could not open the database often dies without its reason: opening it here tells. */
async function databaseFault(config: Config): Promise<CliFailure | null> {
  try {
    await withDatabase(config, (db) => previewMigrations(migratable(db)))
    return null
  } catch (error) {
    return error instanceof CliFailure ? error : null
  }
}

function firstSignal(context: CliContext, logger: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false
    const onSignal = (signal: NodeJS.Signals): void => {
      if (isStopping) {
        logger.warn({ signal }, 'Told to stop a second time: ending at once')
        context.exit(1)
      }
      isStopping = true
      resolve(signal)
    }
    context.process.on('SIGTERM', onSignal)
    context.process.on('SIGINT', onSignal)
  })
}
