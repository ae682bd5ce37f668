import { readFileSync, readlinkSync } from 'node:fs'

/**
 * Names the running kernel and this process's space of process ids: two processes with the same name see each other's ids, so one
 * that does not find the other knows it to be dead. Where the system does not tell (not Linux), a name that nothing else has.
 */
export function machineName(otherwise: string): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return otherwise
  }
}

/** Whether no process of this id runs here. One that may not be asked is there. */
export function hasProcessEnded(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
