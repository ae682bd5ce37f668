#!/usr/bin/env node
import { readConfig } from '../app/config.ts'
import { createLogger } from '../app/logger.ts'
import { runThreadRole, threadSpawner } from '../app/thread-roles.ts'
import { startNunchi } from '../http/serve.ts'

// Every thread of the program begins here as well.
if (!runThreadRole()) {
  const read = readConfig({})
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const logger = createLogger(read.config.logLevel)
  const nunchi = await startNunchi(read.config, { spawn: threadSpawner(new URL(import.meta.url)), logger, onFatal: (error) => { logger.fatal({ err: error }); process.exit(1) } })
  logger.info({ address: nunchi.address }, 'Nunchi is ready')
  process.on('SIGTERM', () => void nunchi.close().then(() => process.exit(0)))
  process.on('SIGINT', () => void nunchi.close().then(() => process.exit(0)))
}
