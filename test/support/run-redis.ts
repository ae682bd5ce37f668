import { Redis } from 'ioredis'
import { findBinary } from './find-binary.ts'
import { freePort } from './free-port.ts'
import { type ServerPlan, ServerProgram } from './server-program.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { makeTempFolder } from './temp-folder.ts'

/** `durable`: every write is on disk before it is answered; without it a restart begins empty. */
export interface RedisOptions {
  readonly durable?: boolean
  readonly port?: number
  /** More flags, for example `['--maxmemory', '1mb']`. */
  readonly args?: readonly string[]
}

/** A private Redis on 127.0.0.1 with its data in a temporary folder. */
export class RedisServer extends ServerProgram {
  readonly port: number

  constructor(plan: ServerPlan, port: number) {
    super(plan)
    this.port = port
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }
}

/** Starts a Redis and waits until it answers; fails with its log when it does not. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  return await startOnFreePort(() => startOne(options))
}

async function startOne(options: RedisOptions): Promise<RedisServer> {
  const command = findBinary('redis-server', '/usr/bin/redis-server')
  const port = options.port ?? (await freePort())
  const folder = makeTempFolder('redis')
  const keeping = options.durable === true ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path]
  const args = [...place, '--save', '', ...keeping, ...(options.args ?? [])]
  const redis = new RedisServer({ name: 'Redis', command, args, folder, isReady: () => answers(port) }, port)
  await redis.waitUntilReady()
  return redis
}

async function answers(port: number): Promise<boolean> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => null })
  // Without a listener it prints each refused connection.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.ping()) === 'PONG'
  } finally {
    client.disconnect()
  }
}
