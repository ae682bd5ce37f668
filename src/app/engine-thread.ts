import { setPriority } from 'node:os'
import { type MessagePort, parentPort, type Worker, workerData } from 'node:worker_threads'
import type { Standing } from '../cluster/node-registry.ts'
import type { RedisFacts, ThreadEntry, ThreadStore } from '../notify/threads/thread-store.ts'
import type { SpawnThread } from '../store/dialects/sqlite/sqlite-thread.ts'
import { Engine } from './engine.ts'
import type { EngineData } from './engine-data.ts'
import { createLogger } from './logger.ts'
import { settleMemorySoon } from './settle-memory.ts'
import { packFault, type ThreadFault, unpackFault } from './thread-fault.ts'

export const ENGINE_THREAD_ROLE = 'engine'

/** Questions that the HTTP thread asks the engine. */
interface EngineCalls {
  readonly metrics: () => Promise<string>
  readonly channelProblems: () => Promise<readonly (readonly [channelId: string, problem: string])[]>
  readonly deskProblems: () => Promise<readonly (readonly [part: string, problem: string])[]>
  readonly 'threads.get': (threadKey: string) => Promise<string | null>
  readonly 'threads.put': (threadKey: string, ts: string) => Promise<void>
  readonly 'threads.list': (limit: number) => Promise<readonly ThreadEntry[]>
  readonly 'threads.count': () => Promise<number>
  readonly 'threads.clear': () => Promise<number>
  readonly 'threads.redis': () => Promise<RedisFacts | null>
  readonly standing: () => Promise<Standing>
  readonly listensAt: (address: string) => Promise<void>
  readonly handOver: () => Promise<void>
  readonly close: () => Promise<void>
}

type ToEngine =
  | { readonly wake: 'consumer' | 'jobs'; readonly partition?: string | undefined }
  | { readonly id: number; readonly call: keyof EngineCalls; readonly args: readonly unknown[] }
type FromEngine =
  | { readonly event: 'ready' }
  | { readonly event: 'committed' }
  | { readonly event: 'stand-down'; readonly reason: string }
  | { readonly event: 'failed'; readonly fault: ThreadFault }
  | { readonly id: number; readonly result?: unknown; readonly fault?: ThreadFault }

/** The body of the engine's thread. */
export async function runEngineThread(): Promise<void> {
  const port = parentPort as MessagePort
  const data = (workerData as { engine: EngineData }).engine
  const tell = (message: FromEngine): void => port.postMessage(message)
  try {
    letAcceptingGoFirst()
    const logger = createLogger(data.logLevel)
    const engine = await Engine.open(data, {
      logger,
      now: Date.now,
      random: Math.random,
      onCommitted: () => tell({ event: 'committed' }),
      onStandDown: (reason) => tell({ event: 'stand-down', reason }),
    })
    const calls = callsOf(engine)
    port.on('message', async (message: ToEngine) => {
      if ('wake' in message)
        return message.wake === 'consumer' ? engine.consumers.wake(message.partition) : engine.worker.wake()
      tell(await answer(calls, message))
      if (message.call === 'close') port.close()
    })
    await engine.start()
    settleMemorySoon()
    tell({ event: 'ready' })
  } catch (error) {
    tell({ event: 'failed', fault: packFault(error) })
    port.close()
  }
}

/**
 * On a machine whose cores are all busy, answering senders goes before folding what they sent: a late answer is
 * repeated by the sender, a late fold is only late. On Linux this concerns the calling thread alone.
 */
function letAcceptingGoFirst(): void {
  if (process.platform === 'linux') setPriority(FOLD_NICENESS)
}

const FOLD_NICENESS = 5

function callsOf(engine: Engine): EngineCalls {
  const { threads } = engine
  return {
    metrics: () => engine.metricsText(),
    channelProblems: async () => [...engine.reporter.problems()],
    deskProblems: async () => [...engine.reporter.deskProblems()],
    'threads.get': (threadKey) => threads.get(threadKey),
    'threads.put': (threadKey, ts) => threads.put(threadKey, ts),
    'threads.list': (limit) => threads.list(limit),
    'threads.count': () => threads.count(),
    'threads.clear': () => threads.clear(),
    'threads.redis': async () => (await threads.redis?.()) ?? null,
    standing: async () => engine.membership.standing(),
    listensAt: (address) => engine.membership.listensAt(address),
    handOver: () => engine.membership.handOverToOthers(),
    close: () => engine.close(),
  }
}

async function answer(calls: EngineCalls, { id, call, args }: Extract<ToEngine, { id: number }>): Promise<FromEngine> {
  try {
    const question = calls[call] as (...args: readonly unknown[]) => Promise<unknown>
    return { id, result: await question(...args) }
  } catch (error) {
    return { id, fault: packFault(error) }
  }
}

/** The engine as the HTTP thread sees it. When its thread dies, `onDeath` is called once: the process must not go on without it. */
export class EngineThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  readonly #listeners = new Set<() => void>()
  readonly #onStandDown: (() => void)[] = []
  #standDownReason: string | null = null
  #lastCall = 0
  #isClosing = false

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Starts the thread; resolves when it folds. Rejects with what is wrong. */
  static open(spawn: SpawnThread, engine: EngineData, onDeath: (error: Error) => void): Promise<EngineThread> {
    const thread = new EngineThread(spawn(ENGINE_THREAD_ROLE, { engine }))
    return new Promise((resolve, reject) => {
      thread.#worker.on('message', (message: FromEngine) => {
        if ('id' in message) thread.#settle(message)
        else if (message.event === 'committed') for (const listener of thread.#listeners) listener()
        else if (message.event === 'ready') resolve(thread)
        else if (message.event === 'stand-down') thread.#standDown(message.reason)
        else {
          // It ends by itself, and its end has been told with this.
          thread.#isClosing = true
          reject(unpackFault(message.fault))
        }
      })
      const died = (error: Error): void => {
        for (const { reject: refuse } of thread.#waiting.values()) refuse(error)
        thread.#waiting.clear()
        reject(error)
        if (!thread.#isClosing) onDeath(error)
      }
      thread.#worker.on('error', (error) => died(error instanceof Error ? error : new Error(String(error))))
      thread.#worker.on('exit', () => died(new Error('The engine thread has ended')))
    })
  }

  /** Why this process must do nothing more, because a newer program changed the schema; null while it may. */
  get standDownReason(): string | null {
    return this.#standDownReason
  }

  /** Calls `listener` once when this process must do nothing more. */
  onStandDown(listener: () => void): void {
    this.#onStandDown.push(listener)
  }

  wake(what: 'consumer' | 'jobs', partition?: string): void {
    this.#worker.postMessage({ wake: what, partition } satisfies ToEngine)
  }

  onCommitted(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  call<K extends keyof EngineCalls>(call: K, ...args: Parameters<EngineCalls[K]>): ReturnType<EngineCalls[K]> {
    const id = ++this.#lastCall
    const answered = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ id, call, args } satisfies ToEngine)
    })
    return answered as ReturnType<EngineCalls[K]>
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.call('close')
  }

  #standDown(reason: string): void {
    this.#standDownReason = reason
    for (const listener of this.#onStandDown.splice(0)) listener()
  }

  #settle(message: Extract<FromEngine, { id: number }>): void {
    const call = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.fault !== undefined) call?.reject(unpackFault(message.fault))
    else call?.resolve(message.result)
  }
}

/** The thread store lives with whoever writes it, the engine; this asks it there. */
export function remoteThreadStore(engine: EngineThread, kind: ThreadStore['kind']): ThreadStore {
  return {
    kind,
    get: (threadKey) => engine.call('threads.get', threadKey),
    put: (threadKey, ts) => engine.call('threads.put', threadKey, ts),
    list: (limit) => engine.call('threads.list', limit),
    count: () => engine.call('threads.count'),
    clear: () => engine.call('threads.clear'),
    ...(kind === 'redis' && { redis: () => engine.call('threads.redis') }),
  }
}
