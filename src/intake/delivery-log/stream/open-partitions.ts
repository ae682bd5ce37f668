import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamConfig } from '@nats-io/jetstream'
import type { NewId } from '../../../store/new-id.ts'
import { LogUnavailableError } from '../delivery-log.ts'
import { apiErrorOf, natsFault } from './nats-fault.ts'
import { type NatsNames, natsNames } from './nats-names.ts'
import type { NatsSession } from './nats-session.ts'
import type { StreamLocation } from './stream-location.ts'

/** A partition whose stream is there and has the right shape. */
export interface OpenPartition {
  readonly index: number
  readonly names: NatsNames
  /** `<id of the stream>/<index>`: a stream that was made anew has another one. */
  readonly partition: string
}

const STREAM_NOT_FOUND = 10059
const NAME_IN_USE = 10058
/** Not a matter of configuration: a cluster that is just starting has no leader yet. */
const STARTING_CODES: ReadonlySet<number | undefined> = new Set([10008, 10009, 10005, 10023])
const STARTING_MS = 12_000
const RETRY_MS = 500
/** Longer than any append tries, so that none of its attempts is stored twice. */
const DEDUPE_NANOS = 60_000_000_000

/**
 * Makes the streams of a log that are not there yet, and checks the others. Any number of nodes may do so at the same time.
 * Rejects with LogUnavailableError when JetStream cannot hold them, or one has another shape than the location says.
 */
export async function openPartitions(
  session: NatsSession,
  location: StreamLocation,
  newId: NewId,
): Promise<readonly OpenPartition[]> {
  const giveUpAt = performance.now() + STARTING_MS
  const opened: OpenPartition[] = []
  // One after another: a cluster that makes many streams at once answers none of them in time.
  for (let index = 0; index < location.partitions; index++)
    opened.push(await openPartition({ session, location, newId, giveUpAt }, index))
  return opened
}

interface Opening {
  readonly session: NatsSession
  readonly location: StreamLocation
  readonly newId: NewId
  readonly giveUpAt: number
}

async function openPartition(opening: Opening, index: number): Promise<OpenPartition> {
  const { location } = opening
  const names = natsNames(location.stream, index)
  const wanted = streamConfig(
    location,
    names,
    `${opening.newId(Date.now())}, partition ${index} of ${location.partitions}`,
  )
  for (;;) {
    try {
      const config = await findOrMake(opening.session, wanted)
      return { index, names, partition: `${checkedId(config, wanted)}/${index}` }
    } catch (error) {
      if (!isStarting(error) || performance.now() > opening.giveUpAt) throw natsFault(error)
      await sleep(RETRY_MS)
    }
  }
}

function isStarting(error: unknown): boolean {
  const api = apiErrorOf(error)
  if (api) return STARTING_CODES.has(api.err_code)
  if (!(error instanceof Error)) return false
  const isRefused = error.cause instanceof Error && error.cause.name === 'PermissionViolationError'
  return error.name === 'TimeoutError' || (error.name === 'RequestError' && !isRefused)
}

async function findOrMake({ jsm }: NatsSession, wanted: Config): Promise<StreamConfig> {
  try {
    return (await jsm.streams.info(wanted.name)).config
  } catch (error) {
    if (apiErrorOf(error)?.err_code !== STREAM_NOT_FOUND) throw error
  }
  try {
    return (await jsm.streams.add(wanted)).config
  } catch (error) {
    // Another node was faster.
    if (apiErrorOf(error)?.err_code !== NAME_IN_USE) throw error
    return (await jsm.streams.info(wanted.name)).config
  }
}

type Config = Partial<StreamConfig> & { readonly name: string; readonly description: string }

function streamConfig(location: StreamLocation, names: NatsNames, about: string): Config {
  return {
    name: names.stream,
    description: `${DESCRIPTION} ${about}`,
    subjects: [names.everything],
    retention: 'limits',
    storage: 'file',
    num_replicas: location.replicas,
    // A limit that an operator sets must refuse what is new: to forget what is old would be to lose what nobody has folded yet.
    discard: 'new',
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    duplicate_window: DEDUPE_NANOS,
    allow_direct: true,
    deny_purge: false,
  }
}

const DESCRIPTION = 'Deliveries of Nunchi, log'

/** The id that the description of a stream names, and how many partitions it says there are; null = not a stream of ours. */
export function describedId(description: string | undefined): { readonly id: string; readonly of: number } | null {
  const found = /^Deliveries of Nunchi, log (\w+), partition \d+ of (\d+)$/.exec(description ?? '')
  return found ? { id: found[1] as string, of: Number(found[2]) } : null
}

/** What must be as we make it; the rest is the operator's. */
const FIXED = [
  'retention',
  'storage',
  'num_replicas',
  'discard',
  'max_age',
  'max_msgs',
  'max_msgs_per_subject',
  'deny_purge',
] as const satisfies readonly (keyof StreamConfig)[]

function checkedId(config: StreamConfig, wanted: Config): string {
  const described = describedId(config.description)
  const expected = describedId(wanted.description)
  if (described === null)
    throw new LogUnavailableError(
      `the stream ${wanted.name} of NATS is not one that Nunchi made (its description does not say so): choose another \`log.stream\``,
    )
  if (described.of !== expected?.of)
    throw new LogUnavailableError(
      `the log was made with ${described.of} partitions, and \`log.partitions\` says ${expected?.of}: the number is fixed when a log is made`,
    )
  const wrong = FIXED.filter((key) => config[key] !== wanted[key])
  if (wrong.length > 0) {
    const differences = wrong.map((key) => `${key} is ${String(config[key])}, not ${String(wanted[key])}`)
    throw new LogUnavailableError(`the stream ${wanted.name} of NATS has another shape: ${differences.join('; ')}`)
  }
  return described.id
}
