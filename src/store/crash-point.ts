/** The places where a test may kill the process. A name is a promise: what is durable there is written beside its use. */
export const CRASH_POINTS = [
  'after_log_append',
  'before_fold_commit',
  'after_fold_commit',
  'after_claim',
  'before_post',
  'after_post_before_ts',
  'after_ts_before_job_end',
] as const

export type CrashPointName = (typeof CRASH_POINTS)[number]

let armed: string | null = null

/** Arms one crash point (`CRASH_AT`), for tests of recovery. Null disarms. */
export function armCrashPoint(name: string | null): void {
  armed = name
}

/** Dies here by SIGKILL when this point is armed: no handler runs, no buffer is flushed. Otherwise does nothing. */
export function crashPoint(name: CrashPointName): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL')
}
