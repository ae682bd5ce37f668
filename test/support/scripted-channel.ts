import type {
  Channel,
  EditOutcome,
  FindOutcome,
  IncidentMessage,
  SendOutcome,
  StormDigest,
} from '../../src/notify/channel.ts'

/** One call that reached a scripted channel. */
export type ChannelCall =
  | { readonly kind: 'send'; readonly message: IncidentMessage }
  | { readonly kind: 'edit'; readonly message: IncidentMessage; readonly rootId: string }
  | { readonly kind: 'digest'; readonly digest: StormDigest; readonly rootId: string | null }

/** What a test decides about a scripted channel. */
export interface ScriptedOptions
  extends Partial<Pick<Channel, 'pace' | 'editPace' | 'storm' | 'ownDoor' | 'hasThreads'>> {
  readonly canEdit?: boolean
}

/** A channel that keeps every call and answers as a test says; what is not scripted is delivered. */
export class ScriptedChannel {
  readonly calls: ChannelCall[] = []
  /** Answers to the next sends, first come first served. */
  readonly sends: SendOutcome[] = []
  readonly edits: EditOutcome[] = []
  find: FindOutcome = { kind: 'absent' }
  /** Answers every send while it is set. */
  refusal: SendOutcome | null = null
  readonly channel: Channel
  #posted = 0

  constructor(id: string, options: ScriptedOptions = {}) {
    const { canEdit = true, pace = null, hasThreads = true, storm, ownDoor } = options
    const editPace = options.editPace ?? { budget: id, perSecond: 1_000, burst: 1_000 }
    this.channel = {
      id,
      kind: 'scripted',
      hasThreads,
      pace,
      send: async (message) => this.#send({ kind: 'send', message }, message.thread?.id ?? null),
      find: async () => this.find,
      linkOf: async (message) => `https://chat.example/${message.id}`,
      ...(ownDoor === undefined ? {} : { ownDoor }),
      ...(storm === undefined ? {} : { storm }),
      ...(canEdit
        ? {
            editPace,
            rootHash: (message: IncidentMessage) => factsOf(message),
            edit: async (message: IncidentMessage, root: { readonly id: string }) => {
              this.calls.push({ kind: 'edit', message, rootId: root.id })
              return this.edits.shift() ?? { kind: 'edited' as const }
            },
            digest: {
              send: async (digest: StormDigest) => this.#send({ kind: 'digest', digest, rootId: null }, null),
              edit: async (digest: StormDigest, root: { readonly id: string }) => {
                this.calls.push({ kind: 'digest', digest, rootId: root.id })
                return this.edits.shift() ?? { kind: 'edited' as const }
              },
            },
          }
        : {}),
    }
  }

  /** What was said so far, in short: `root firing`, `reply resolved`, `edit resolved`, `digest 12`. */
  get story(): readonly string[] {
    return this.calls.map((call) => {
      if (call.kind === 'digest') return `digest ${call.digest.total}${call.digest.isOver ? ' over' : ''}`
      if (call.kind === 'edit') return `edit ${call.message.incident.status}`
      return `${call.message.thread === null ? 'root' : 'reply'} ${call.message.purpose}`
    })
  }

  /** Messages that were sent, roots and replies. */
  get sent(): readonly IncidentMessage[] {
    return this.calls.flatMap((call) => (call.kind === 'send' ? [call.message] : []))
  }

  get digests(): readonly StormDigest[] {
    return this.calls.flatMap((call) => (call.kind === 'digest' ? [call.digest] : []))
  }

  #send(call: ChannelCall, threadId: string | null): SendOutcome {
    this.calls.push(call)
    const scripted = this.refusal ?? this.sends.shift()
    return scripted ?? { kind: 'delivered', id: `m${++this.#posted}`, threadId, place: null }
  }
}

function factsOf({ incident }: IncidentMessage): string {
  const { status, severity, alertCount, firing, owner, isFlapping, silencedUntil, acknowledgedAt } = incident
  return JSON.stringify([status, severity, alertCount, firing, owner, isFlapping, silencedUntil, acknowledgedAt])
}
