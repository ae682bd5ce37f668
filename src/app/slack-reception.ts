import type { Logger } from 'pino'
import type { DeclareDeps } from '../incidents/declare-incident.ts'
import type { JobHandler } from '../jobs/run-worker.ts'
import { handleReceipt } from '../notify/channels/slack/interaction/handle-receipt.ts'
import { identifyWorkspace } from '../notify/channels/slack/interaction/identify-workspaces.ts'
import { SlackPeople } from '../notify/channels/slack/interaction/slack-people.ts'
import type { EngineData } from './engine-data.ts'
import { createIncidentDesk } from './incident-desk.ts'

export interface ReceptionDeps extends DeclareDeps {
  readonly data: Pick<EngineData, 'tenantId' | 'slackDesk'>
  readonly logger: Logger
  readonly onDone: () => void
  /** A problem that a person must repair, by what it concerns; null = it is over. */
  readonly onProblem: (part: string, problem: string | null) => void
}

/** Everything that people in Slack can ask for: who does it, and what must run for it. */
export class SlackReception {
  readonly handle: JobHandler<'slack-receipt'>
  readonly #deps: ReceptionDeps
  readonly #stop = new AbortController()
  #running: Promise<unknown> = Promise.resolve()

  constructor(deps: ReceptionDeps) {
    this.#deps = deps
    const { db, now, data, logger } = deps
    const { tenantId, slackDesk } = data
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

  /** Begins to ask Slack who it is. Never throws; problems are told. */
  start(): void {
    const { db, now, data, onProblem } = this.#deps
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
    await this.#running
  }
}
