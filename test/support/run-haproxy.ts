import { connect } from 'node:net'
import { findBinary } from './find-binary.ts'
import { freePort } from './free-port.ts'
import { type ServerPlan, ServerProgram } from './server-program.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { makeTempFolder } from './temp-folder.ts'

/** Where HAProxy sends what reaches it. */
export interface HaproxyOptions {
  /** `host:port` of each server behind it. */
  readonly servers: readonly string[]
  /** `http` asks each server for `healthPath`; `tcp` only whether it accepts connections. Default `http`. */
  readonly mode?: 'http' | 'tcp'
  /** Default `/readyz`. */
  readonly healthPath?: string
  readonly port?: number
  /** More lines for the section of the backend. */
  readonly backendLines?: readonly string[]
}

/** A private HAProxy on 127.0.0.1 that takes turns between healthy servers. */
export class Haproxy extends ServerProgram {
  readonly port: number

  constructor(plan: ServerPlan, port: number) {
    super(plan)
    this.port = port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }
}

/** Starts a HAProxy and waits until it accepts connections; fails with its log when it does not. */
export async function startHaproxy(options: HaproxyOptions): Promise<Haproxy> {
  return await startOnFreePort(async () => {
    const command = findBinary('haproxy', '/usr/sbin/haproxy')
    const port = options.port ?? (await freePort())
    const folder = makeTempFolder('haproxy')
    const config = folder.write('haproxy.cfg', configOf(options, port))
    const isReady = async (): Promise<boolean> => await accepts(port)
    // SIGTERM ends it at once, SIGUSR1 would wait for the last connection.
    const haproxy = new Haproxy({ name: 'HAProxy', command, args: ['-db', '-f', config], folder, isReady }, port)
    await haproxy.waitUntilReady()
    return haproxy
  })
}

function configOf({ servers, mode = 'http', healthPath = '/readyz', backendLines = [] }: HaproxyOptions, port: number) {
  const check = mode === 'http' ? [`  option httpchk GET ${healthPath}`] : []
  return `${[
    'defaults',
    `  mode ${mode}`,
    '  timeout connect 2s',
    '  timeout client 60s',
    '  timeout server 60s',
    '  option redispatch',
    '  retries 3',
    'frontend door',
    `  bind 127.0.0.1:${port}`,
    '  default_backend nodes',
    'backend nodes',
    '  balance roundrobin',
    ...check,
    ...backendLines.map((line) => `  ${line}`),
    // A server counts until its first check has failed, so that nothing waits at the start.
    '  default-server check inter 200ms fastinter 100ms fall 1 rise 1 on-marked-down shutdown-sessions',
    ...servers.map((address, index) => `  server node-${index + 1} ${address}`),
  ].join('\n')}\n`
}

async function accepts(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}
