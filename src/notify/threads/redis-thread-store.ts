import type { Redis, RedisOptions } from 'ioredis'
import type { Logger } from 'pino'
import type { RedisFacts, ThreadEntry, ThreadStore } from './thread-store.ts'

export interface RedisThreadStoreOptions {
  /** `redis://`, `rediss://` (TLS) or `unix://`; may hold a password and, as its path, the number of the database. */
  readonly url: string
  /** Keys are `<prefix>:<thread key>`. */
  readonly keyPrefix: string
}

export interface RedisThreadStoreDeps {
  /** The truth: what Redis does not know, or cannot say, is asked here. */
  readonly database: ThreadStore
  readonly logger: Pick<Logger, 'info' | 'warn'>
}

/** A thread store with a connection of its own. */
export interface RedisThreadStore extends ThreadStore {
  readonly close: () => Promise<void>
}

/** Nobody waits longer for Redis than this: the database answers instead. */
const COMMAND_MS = 500
const CONNECT_MS = 2_000
const LONGEST_RECONNECT_MS = 5_000
/** Puts that Redis missed, by key; beyond this it catches up from the database alone. */
const MOST_MISSED = 10_000
/** As many threads of the database are copied when Redis comes (back). */
const MOST_COPIED = 100_000
const CHUNK = 500
/** A listing of keys is a walk over all of Redis: what people poll must not walk each time. */
const COUNT_KEPT_MS = 5_000
/** Longer keys stand in the database under a shortened name, so that their own is not known there. */
const MOST_EXACT_KEY_LENGTH = 249

/**
 * Keeps thread keys in Redis as system 2 does (`GET threader:ts:<key>` → the ts), for its operators and for threads
 * carried over from it. Every thread is in the database first; a Redis that is away costs nobody anything, and catches up
 * when it is back. Only `clear` insists on Redis and rejects without it, having forgotten nothing. The driver is loaded here,
 * so that those without Redis do without it.
 */
export async function openRedisThreadStore(
  options: RedisThreadStoreOptions,
  deps: RedisThreadStoreDeps,
): Promise<RedisThreadStore> {
  const { Redis } = await import('ioredis')
  const store = new RedisThreads(new Redis(connectionOf(options)), options.keyPrefix, deps)
  await store.firstTry()
  return store
}

class RedisThreads implements RedisThreadStore {
  readonly kind = 'redis'
  readonly #redis: Redis
  readonly #prefix: string
  readonly #deps: RedisThreadStoreDeps
  readonly #missed = new Map<string, string>()
  #count: { readonly value: number; readonly at: number } | null = null
  #isAway = false

  constructor(redis: Redis, prefix: string, deps: RedisThreadStoreDeps) {
    this.#redis = redis
    this.#prefix = `${prefix}:`
    this.#deps = deps
    redis.on('ready', () => void this.#came())
    redis.on('error', (error: Error) => this.#went(error))
    redis.on('close', () => this.#went(new Error('the connection was closed')))
  }

  /** Waits until Redis is there or the first try failed; the connecting goes on by itself. */
  async firstTry(): Promise<void> {
    if (this.#redis.status === 'ready') return
    await new Promise<void>((resolve) => {
      this.#redis.once('ready', () => resolve())
      this.#redis.once('error', () => resolve())
    })
  }

  readonly get = async (threadKey: string): Promise<string | null> => {
    const known = await this.#deps.database.get(threadKey)
    if (known !== null) return known
    return await this.#ask((redis) => redis.get(this.#prefix + threadKey), null)
  }

  readonly put = async (threadKey: string, ts: string): Promise<void> => {
    await this.#deps.database.put(threadKey, ts)
    this.#count = null
    const isDone = await this.#ask(async (redis) => (await redis.set(this.#prefix + threadKey, ts)) === 'OK', false)
    if (isDone) this.#missed.delete(threadKey)
    else if (this.#missed.size < MOST_MISSED) this.#missed.set(threadKey, ts)
  }

  readonly list = async (limit: number): Promise<readonly ThreadEntry[]> => {
    const found = await this.#ask((redis) => this.#readSome(redis, limit), null)
    return found ?? (await this.#deps.database.list(limit))
  }

  readonly count = async (): Promise<number> => {
    if (this.#count !== null && performance.now() - this.#count.at < COUNT_KEPT_MS) return this.#count.value
    const value = await this.#ask(async (redis) => (await keysOf(redis, this.#prefix)).length, null)
    if (value === null) return await this.#deps.database.count()
    this.#count = { value, at: performance.now() }
    return value
  }

  readonly clear = async (): Promise<number> => {
    const keys = await keysOf(this.#redis, this.#prefix).catch((cause: unknown) => {
      throw new Error('Redis does not answer, so that no thread was forgotten. Try again when it is back.', { cause })
    })
    await this.#deps.database.clear()
    for (let from = 0; from < keys.length; from += CHUNK) await this.#redis.unlink(...keys.slice(from, from + CHUNK))
    this.#missed.clear()
    this.#count = null
    return keys.length
  }

  readonly redis = async (): Promise<RedisFacts | null> =>
    await this.#ask(async (redis) => factsOf(await redis.info()), null)

  readonly close = async (): Promise<void> => {
    this.#redis.disconnect()
  }

  async #readSome(redis: Redis, limit: number): Promise<readonly ThreadEntry[]> {
    const keys = (await keysOf(redis, this.#prefix)).toSorted().slice(0, limit)
    const entries: ThreadEntry[] = []
    for (let from = 0; from < keys.length; from += CHUNK) {
      const some = keys.slice(from, from + CHUNK)
      const values = await redis.mget(...some)
      some.forEach((key, i) => {
        const ts = values[i]
        if (typeof ts === 'string') entries.push({ threadKey: key.slice(this.#prefix.length), ts })
      })
    }
    return entries
  }

  /** What Redis says, or `otherwise` at once when it is away, late, or refuses. */
  async #ask<T>(question: (redis: Redis) => Promise<T>, otherwise: T): Promise<T> {
    if (this.#redis.status !== 'ready') return otherwise
    try {
      return await question(this.#redis)
    } catch (error) {
      this.#went(error)
      return otherwise
    }
  }

  async #came(): Promise<void> {
    if (this.#isAway) this.#deps.logger.info('Redis is back; it gets the threads that it missed.')
    this.#isAway = false
    try {
      const known = await this.#deps.database.list(MOST_COPIED)
      const exact = known.filter(({ threadKey }) => threadKey.length <= MOST_EXACT_KEY_LENGTH)
      await this.#write([...exact.map(({ threadKey, ts }) => [threadKey, ts] as const), ...this.#missed])
      this.#missed.clear()
      this.#count = null
    } catch (error) {
      // It went away again: the next time that it comes does all of this anew.
      this.#went(error)
    }
  }

  async #write(entries: readonly (readonly [threadKey: string, ts: string])[]): Promise<void> {
    for (let from = 0; from < entries.length; from += CHUNK)
      await this.#redis.mset(
        ...entries.slice(from, from + CHUNK).flatMap(([threadKey, ts]) => [this.#prefix + threadKey, ts]),
      )
  }

  #went(error: unknown): void {
    if (this.#isAway || this.#redis.status === 'end') return
    this.#isAway = true
    this.#count = null
    this.#deps.logger.warn(
      { reason: error instanceof Error ? error.message : String(error) },
      'Redis is away. Nothing waits for it: the database knows every thread. Check REDIS_URL and the server.',
    )
  }
}

async function keysOf(redis: Redis, prefix: string): Promise<readonly string[]> {
  // A walk may show a key twice.
  const found = new Set<string>()
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${globEscaped(prefix)}*`, 'COUNT', 1_000)
    for (const key of keys) found.add(key)
    cursor = next
  } while (cursor !== '0')
  return [...found]
}

function globEscaped(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&')
}

/** From the lines `name:value` of INFO. https://redis.io/docs/latest/commands/info */
function factsOf(info: string): RedisFacts {
  const values = new Map(
    info.split(/\r?\n/).map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1)]
    }),
  )
  const numberOf = (name: string): number => Number(values.get(name) ?? 0)
  return {
    connectedClients: numberOf('connected_clients'),
    usedMemory: values.get('used_memory_human') ?? '',
    keyspaceHits: numberOf('keyspace_hits'),
    keyspaceMisses: numberOf('keyspace_misses'),
  }
}

function connectionOf({
  url,
}: Pick<RedisThreadStoreOptions, 'url'>): RedisOptions & { readonly replyMapping: 'legacy' } {
  const address = new URL(url)
  const database = address.protocol === 'unix:' ? (address.searchParams.get('db') ?? '0') : address.pathname.slice(1)
  const place =
    address.protocol === 'unix:'
      ? { path: decodeURIComponent(address.pathname) }
      : { host: address.hostname.replace(/^\[|\]$/g, ''), port: Number(address.port || 6379) }
  const tls = address.protocol === 'rediss:' ? { tls: {} } : {}
  return {
    ...place,
    ...tls,
    ...(address.username === '' ? {} : { username: decodeURIComponent(address.username) }),
    ...(address.password === '' ? {} : { password: decodeURIComponent(address.password) }),
    db: Number(database || 0),
    replyMapping: 'legacy',
    connectionName: 'nunchi',
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(LONGEST_RECONNECT_MS, 100 * 2 ** Math.min(times, 10)),
  }
}
