import type { Command } from 'commander'
import type { Config } from '../app/config/config-shape.ts'
import { formatProblems } from '../app/config/format-problems.ts'
import { readConfig } from '../app/config.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'

/** The flags of every command that reads the configuration. */
export interface ConfigFlags {
  readonly config?: string
  readonly dataDir?: string
  readonly host?: string
  readonly port?: string
}

/** Adds `--config` and `--data-dir`. */
export function addConfigFlags(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration file (YAML); otherwise what NUNCHI_CONFIG names')
    .option('--data-dir <folder>', 'the folder of everything that survives a restart; otherwise ./data')
}

/** The effective configuration and its warnings; `variables` go before those of the environment. Throws a `CliFailure` with every problem at once. */
export function loadConfig(
  context: CliContext,
  flags: ConfigFlags,
  variables: Readonly<Record<string, string>> = {},
): { config: Config; warnings: readonly string[] } {
  const overrides = {
    NUNCHI_CONFIG: flags.config,
    NUNCHI_DATA_DIR: flags.dataDir,
    HOST: flags.host,
    PORT: flags.port,
    ...variables,
  }
  const { env, readFile } = context
  const read = readConfig({ overrides, ...(env && { env }), ...(readFile && { readFile }) })
  if (read.ok) return read
  const warnings = read.warnings.map((warning) => `Warning: ${warning}\n`).join('')
  throw new CliFailure(`${warnings}${formatProblems(read.problems).trimEnd()}`, '')
}
