import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Linux counts the time of processes in hundredths of a second. */
const MS_PER_TICK = 10

/** What a process has used since it began. */
export interface ProcessUsage {
  readonly cpuMs: number
  /** Resident memory now, MiB. */
  readonly rssMiB: number
  /** The most that was ever resident, MiB. */
  readonly peakRssMiB: number
}

/** Reads what the kernel knows of a process, all threads together. */
export function usageOf(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold blanks: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mebibytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
    rssMiB: mebibytes('VmRSS'),
    peakRssMiB: mebibytes('VmHWM'),
  }
}

/** The bytes of all files of a folder, but for those whose name is like `except`. */
export function folderBytes(path: string, except?: RegExp): number {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && except?.test(entry.name) !== true)
  // A server may remove a file while they are counted.
  const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return files.reduce((sum, file) => sum + bytesOf(join(file.parentPath, file.name)), 0)
}
