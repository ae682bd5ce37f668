import { destination, type Logger, pino, stdTimeFunctions } from 'pino'
import type { LogLevel } from './config/config-shape.ts'

/** Paths whose values never reach a log line, wherever an object with them is logged. */
const REDACTED = [
  'token',
  '*.token',
  'headers.authorization',
  'headers.cookie',
  'headers["x-api-key"]',
  'req.headers.authorization',
  'authorization',
  'password',
  '*.password',
  'secret',
  '*.secret',
  'webhookUrl',
  '*.webhookUrl',
]

/**
 * JSON lines on standard output: `level`, `time` (ISO 8601), `msg`, and facts. Line breaks in values are
 * escaped by JSON, so that no alert can forge a line. Written synchronously: the last line before a crash is there.
 */
export function createLogger(level: LogLevel): Logger {
  return pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, redact: { paths: REDACTED, censor: '<secret>' } },
    destination({ fd: 1, sync: true }),
  )
}
