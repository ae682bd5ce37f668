import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { busyPercent } from './cpu-busy.ts'
import { percentile } from './figure.ts'

/** Where and with what the figures were taken: without this they mean nothing. */
export interface Machine {
  readonly takenAt: string
  readonly cores: number
  readonly cpu: string
  readonly memoryGiB: number
  readonly kernel: string
  readonly node: string
  readonly sqlite: string
  readonly alertmanager: string
  /** How long the disk takes to keep 4 KiB, ms. */
  readonly fsync: { readonly p50: number; readonly p99: number }
  /** How busy the machine was before anything was started, in percent: other work makes every figure worse. */
  readonly busyBefore: number
  readonly load: number
}

/** Looks at the machine for about two seconds. */
export async function describeMachine(): Promise<Machine> {
  return {
    takenAt: new Date().toISOString(),
    busyBefore: await busyPercent(1000),
    load: loadavg()[0] ?? 0,
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    sqlite: process.versions.sqlite ?? 'unknown',
    alertmanager: alertmanagerVersion(),
    fsync: probeFsync(),
  }
}

/** One line per fact. */
export function machineText(machine: Machine): string {
  const { fsync, busyBefore, load } = machine
  return [
    `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}`,
    `Node ${machine.node}, SQLite ${machine.sqlite}, Alertmanager ${machine.alertmanager}`,
    `fsync of 4 KiB: p50 ${fsync.p50.toFixed(2)} ms, p99 ${fsync.p99.toFixed(2)} ms`,
    `before the run: ${busyBefore.toFixed(0)} % busy, load ${load.toFixed(2)}; ${machine.takenAt}`,
  ].join('\n')
}

const FSYNC_TRIES = 300

function probeFsync(): Machine['fsync'] {
  const path = join(tmpdir(), `nunchi-fsync-${process.pid}`)
  const file = openSync(path, 'w')
  const block = Buffer.alloc(4096, 1)
  const times: number[] = []
  for (let i = 0; i < FSYNC_TRIES; i += 1) {
    const before = performance.now()
    writeSync(file, block)
    fdatasyncSync(file)
    times.push(performance.now() - before)
  }
  closeSync(file)
  rmSync(path)
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

function alertmanagerVersion(): string {
  try {
    const text = execFileSync('prometheus-alertmanager', ['--version'], { encoding: 'utf8', stdio: 'pipe' })
    return /version (\S+)/.exec(text)?.[1] ?? 'unknown'
  } catch {
    // Not installed: the scenarios that need it say so themselves.
    return 'not installed'
  }
}
