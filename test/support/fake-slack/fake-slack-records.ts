import { waitUntil } from '../wait-until.ts'
import type { SlackCall } from './call-log.ts'
import { describeState } from './describe-state.ts'
import type { EphemeralMessage } from './ephemeral-store.ts'
import { FakeSlackServer } from './fake-slack-server.ts'
import type { FaultRule } from './faults.ts'
import { callsOfIncident } from './incident-calls.ts'
import type { PersonError } from './interaction/delivery.ts'
import type { Link, Ping } from './live-markup.ts'
import {
  type DuplicateRoots,
  duplicateRootsOf,
  type Located,
  linksIn,
  pingsIn,
  rootsOf,
  visibleMessages,
} from './message-queries.ts'
import type { SlackView } from './view-store.ts'
import type { Edit, SlackMessage, Workspace } from './workspace.ts'

/** The channel that exists when a test asks for nothing else. */
export const DEFAULT_CHANNEL = 'C0123456789'

/** What a fake Slack remembers, and the questions that tests ask about it. */
export abstract class FakeSlackRecords extends FakeSlackServer {
  abstract readonly workspace: Workspace
  abstract readonly pendingFaults: readonly FaultRule[]
  abstract readonly personErrors: readonly PersonError[]
  protected abstract readonly recordedCalls: readonly SlackCall[]

  /** Every visible message of a channel, replies included, in the order of ts. */
  messages(channel: string = DEFAULT_CHANNEL): readonly SlackMessage[] {
    return visibleMessages(this.workspace.channel(channel))
  }

  roots(channel: string = DEFAULT_CHANNEL): readonly SlackMessage[] {
    return rootsOf(this.workspace.channel(channel))
  }

  replies(channel: string, ts: string): readonly SlackMessage[] {
    return this.workspace.replies(this.workspace.channel(channel), ts)
  }

  /** Earlier versions of a message, oldest first, deleted or not; empty when there is none. */
  editsOf(ts: string): readonly Edit[] {
    return this.workspace.channels.flatMap((channel) => channel.byTs.get(ts)?.edits ?? [])
  }

  /** What was shown to one person only, in the order of ts; without a person, to anybody. */
  ephemerals(userId?: string): readonly EphemeralMessage[] {
    const { all } = this.workspace.ephemerals
    return userId === undefined ? all : all.filter((message) => message.userId === userId)
  }

  /** The modals that somebody has open, the top one last. */
  modals(userId: string): readonly SlackView[] {
    return this.workspace.views.pile(userId)
  }

  /** What somebody sees in the App Home. */
  home(userId: string): SlackView | undefined {
    return this.workspace.views.home(userId)
  }

  /** Requests of one method, or all of them, in the order of arrival. */
  calls(method?: string): readonly SlackCall[] {
    const calls = this.recordedCalls
    return method === undefined ? calls : calls.filter((call) => call.method === method)
  }

  /** Requests that stored a message, whether or not the client learned of it. */
  posts(): readonly SlackCall[] {
    const isPost = (call: SlackCall) => call.method === 'chat.postMessage' || call.method === 'webhook'
    return this.calls().filter((call) => isPost(call) && call.outcome?.ts !== undefined)
  }

  /** Every call that carries the incident's metadata or is about a message that does, its thread included. */
  callsPerIncident(incidentId: string): readonly SlackCall[] {
    return callsOfIncident(this.workspace.channels, this.calls(), incidentId)
  }

  /** Incidents (or deliveries) with more than one visible root in the same channel. */
  duplicateRoots(): readonly DuplicateRoots[] {
    return this.workspace.channels.flatMap(duplicateRootsOf)
  }

  /** Every live mention in any version of any message. */
  pings(): readonly Located<Ping>[] {
    return pingsIn(this.workspace.channels)
  }

  /** Every live link in any version of any message. */
  links(): readonly Located<Link>[] {
    return linksIn(this.workspace.channels)
  }

  /** Waits until `predicate` holds, asked every few milliseconds; fails with the whole state in words. */
  async waitFor<T>(predicate: (slack: this) => T, timeoutMs: number, why: string): Promise<NonNullable<T>> {
    return await waitUntil(() => predicate(this), { timeoutMs, why, intervalMs: 10, describe: () => this.describe() })
  }

  /** Channels, messages, the last requests and the planned faults, in words. */
  describe(): string {
    const { pendingFaults: faults, personErrors: errors } = this
    return describeState({ channels: this.workspace.channels, calls: this.calls(), faults, errors })
  }
}
