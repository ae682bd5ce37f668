import { formatDuration } from './parse-units.ts'
import { durationText, setting } from './setting.ts'

interface WithTimeout {
  readonly timeout: number
}

/** How long a receiver may take, from half a second on: what channels call `timeoutMs` is `timeout` in the file. */
export function timeoutSetting(byDefault: string, atMost: string, about: string) {
  return setting(durationText({ atLeast: '500ms', atMost }).prefault(byDefault), { about })
}

/** The parts of a kind of channel that has `timeout` and nothing else that is written otherwise in the file. */
export const TIMEOUT_IN_FILE = {
  complete: ({ timeout, ...settings }: WithTimeout) => ({ ...settings, timeoutMs: timeout }),
  asWritten: (settings: WithTimeout) => ({ ...settings, timeout: formatDuration(settings.timeout) }),
} as const
