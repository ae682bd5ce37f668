import { runThreadRole, threadSpawner } from '../app/thread-roles.ts'

// Every thread of the program begins here as well.
if (!(await runThreadRole())) {
  const { processContext } = await import('./cli-context.ts')
  const { runCli } = await import('./run-cli.ts')
  // `nunchi … | head` closes the pipe early, which is no fault.
  process.stdout.on('error', () => process.exit(0))
  process.exitCode = await runCli(process.argv.slice(2), processContext(threadSpawner(new URL(import.meta.url))))
  // A handle that something forgot must not keep the process; this timer does not keep it either.
  setTimeout(() => process.exit(), 1000).unref()
}
