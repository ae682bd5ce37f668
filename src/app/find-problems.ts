import type { DeliveryLog } from '../intake/delivery-log/delivery-log.ts'
import { blockedChannels } from '../notify/blocked-channel-queries.ts'
import type { Db } from '../store/database.ts'
import type { EngineThread } from './engine-thread.ts'
import type { HealthProblem } from './health-problem.ts'

const STANDINGS = {
  'cut-off': 'The other nodes count this one as dead',
  'standing-down': 'This version is older than the schema of the database and has stopped working',
  stopping: 'This node is stopping',
} as const

const PROBLEM_WAIT_MS = 1000

/** What is asked how it does. */
export interface AskedParts {
  readonly db: Db
  readonly engine: EngineThread
  readonly log: DeliveryLog
  readonly tenantId: string
}

/** Asks every part; one that does not answer in time is itself the problem. */
export async function findProblems({ db, engine, log, tenantId }: AskedParts): Promise<readonly HealthProblem[]> {
  const found = await Promise.all([
    within(checkDatabase(db), {
      part: 'database',
      problem: 'The database does not answer',
      remedy: 'Look at the disk and at the load of this machine.',
    }),
    within(checkLog(log), {
      part: 'delivery-log',
      problem: 'The delivery log does not answer',
      remedy: 'Look at the disk and at the load of this machine.',
    }),
    within(checkEngine(engine), {
      part: 'engine',
      problem: 'The engine does not answer',
      remedy: 'It may be busy; when this stays, restart Nunchi: nothing that was acknowledged is lost.',
    }),
    within(checkChannels(db, tenantId), {
      part: 'channel',
      problem: 'The state of the channels is not known',
      remedy: 'Look at the problem of the database.',
    }),
  ])
  // The same refusal may be known from the rows and from the last attempt: people need to read it once.
  return [
    ...new Map(
      found.flat().map((problem) => [`${problem.part} ${problem.channelId ?? ''} ${problem.remedy}`, problem]),
    ).values(),
  ]
}

async function checkChannels(db: Db, tenantId: string): Promise<readonly HealthProblem[]> {
  const blocks = await blockedChannels(db, tenantId)
  return blocks.map(({ channelId, incidents, reason }) => ({
    part: 'channel',
    channelId,
    problem: `Channel ${channelId} refuses the messages of ${incidents} incident${incidents === 1 ? '' : 's'}`,
    remedy: reason,
  }))
}

async function within(
  check: Promise<readonly HealthProblem[]>,
  otherwise: HealthProblem,
): Promise<readonly HealthProblem[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly HealthProblem[]>((resolve) => {
    timer = setTimeout(() => resolve([otherwise]), PROBLEM_WAIT_MS)
  })
  try {
    return await Promise.race([
      check.catch((error: unknown) => [
        { ...otherwise, problem: `${otherwise.problem}: ${error instanceof Error ? error.message : String(error)}` },
      ]),
      late,
    ])
  } finally {
    clearTimeout(timer)
  }
}

async function checkDatabase(db: Db): Promise<readonly HealthProblem[]> {
  await db.selectFrom('log_position').select('seq').limit(1).execute()
  return []
}

async function checkLog(log: DeliveryLog): Promise<readonly HealthProblem[]> {
  const faults = await log.check()
  const [first] = faults
  if (!first) return []
  const share = `${faults.length} of ${log.partitions.length} partitions`
  return [
    {
      part: 'log-partition',
      problem: `The delivery log stores nothing in ${share} (${faults.map(({ partition }) => partition).join(', ')}): ${first.reason}`,
      remedy: 'Look at its servers. What belongs there is refused with 503 until then, and sent again by its senders.',
    },
  ]
}

async function checkEngine(engine: EngineThread): Promise<readonly HealthProblem[]> {
  // Asked at once: a busy engine answers one question per turn.
  const [{ kind, reason }, problems, desk] = await Promise.all([
    engine.call('standing'),
    engine.call('channelProblems'),
    engine.call('deskProblems'),
  ])
  return [
    ...(kind === 'working' ? [] : [{ part: 'cluster' as const, problem: STANDINGS[kind], remedy: reason }]),
    ...problems.map(([channelId, problem]) => ({
      part: 'channel' as const,
      channelId,
      problem: `Channel ${channelId} needs repair`,
      remedy: problem,
    })),
    ...desk.map(([part, problem]) => ({ part: 'channel' as const, problem: `${part} does not work`, remedy: problem })),
  ]
}
