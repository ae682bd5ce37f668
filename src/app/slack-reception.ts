import type { Logger } from 'pino'
import type { DeclareDeps } from '../incidents/declare-incident.ts'
import type { JobHandler } from '../jobs/run-worker.ts'
import { handleReceipt } from '../notify/channels/slack/interaction/handle-receipt.ts'
import { identifyWorkspace } from '../notify/channels/slack/interaction/identify-workspaces.ts'
import { SlackPeople } from '../notify/channels/slack/interaction/slack-people.ts'
import { SocketReceiver } from '../notify/channels/slack/interaction/socket-receiver.ts'
import type { EngineData } from './engine-data.ts'
import { createIncidentDesk } from './incident-desk.ts'

export interface ReceptionDeps extends DeclareDeps {
  readonly data: Pick<EngineData, 'tenantId' | 'slackDesk'>
  readonly logger: Logger
  readonly onDone: () => void
  /** There is something to do. */
  readonly wakeJobs: () => void
  /** A problem that a person must repair, by what it concerns; null = it is over. */
  readonly onProblem: (part: string, problem: string | null) => void
}

/** Everything that people in Slack can ask for: who does it, and what must run for it. */
export class SlackReception {
  readonly handle: JobHandler<'slack-receipt'>
  readonly #deps: ReceptionDeps
  readonly #stop = new AbortController()
  readonly #sockets: readonly SocketReceiver[]
  #running: Promise<unknown> = Promise.resolve()

  constructor(deps: ReceptionDeps) {
    this.#deps = deps
    const { db, now, data, logger } = deps
    const { tenantId, slackDesk } = data
    this.#sockets = socketsOf(deps)
    this.handle = handleReceipt({
      db,
      now,
      tenantId,
      workspaces: slackDesk.workspaces,
      channels: slackDesk.channels,
      incidents: createIncidentDesk(deps),
      people: new SlackPeople({ db, tenantId, now, members: slackDesk.members }),
      fetch: globalThis.fetch,
      homes: new Map(),
      onUntold: (facts) => logger.warn(facts, 'A person in Slack could not be answered; what was asked for is done'),
      onDone: deps.onDone,
    })
  }

  /** Begins to ask Slack who it is, and opens Socket Mode where it is configured. Never throws; problems are told. */
  start(): void {
    const { db, now, data, onProblem } = this.#deps
    for (const socket of this.#sockets) socket.start()
    const identify = { db, now, tenantId: data.tenantId, fetch: globalThis.fetch, signal: this.#stop.signal }
    this.#running = Promise.all(
      data.slackDesk.workspaces.map(async (workspace) => {
        const tell = (name: string, problem: string | null): void => onProblem(`Slack workspace ${name}`, problem)
        await identifyWorkspace({ ...identify, onProblem: tell }, workspace)
      }),
    )
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all([this.#running, ...this.#sockets.map((socket) => socket.close())])
  }
}

function socketsOf({ db, now, newId, data, logger, wakeJobs, onProblem }: ReceptionDeps): readonly SocketReceiver[] {
  const { tenantId, slackDesk } = data
  return slackDesk.workspaces.flatMap((workspace) => {
    const { appToken, name } = workspace
    if (appToken === null) return []
    const deps = {
      db,
      now,
      newId,
      tenantId,
      workspaces: slackDesk.workspaces,
      onKept: wakeJobs,
      onState: (_name: string, problem: string | null) => onProblem(`Socket Mode of workspace ${name}`, problem),
      onFault: (error: unknown) =>
        logger.warn({ err: error }, 'What somebody did in Slack was not taken; Slack shows an error or sends it again'),
    }
    return [new SocketReceiver(deps, { ...workspace, appToken })]
  })
}
