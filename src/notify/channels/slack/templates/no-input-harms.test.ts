import fc from 'fast-check'
import { expect, test } from 'vitest'
import { schemaProblems } from '../../../../../test/support/block-kit-schema/schema-problems.ts'
import { checkMessage } from '../../../../../test/support/fake-slack/block-rules.ts'
import { findLiveMarkup } from '../../../../../test/support/fake-slack/live-markup.ts'
import { INCIDENT_STATUSES, type Party } from '../../../../domain/incident.ts'
import { SEVERITIES } from '../../../../domain/severity.ts'
import type { IncidentMessage, Mention, MessagePurpose, StormDigest } from '../../../channel.ts'
import { sampleMessage } from '../../sample-incident-message.ts'
import { type MessageContent, metadataOf, metadataOfDigest, RUNGS } from '../message-rungs.ts'
import type { RenderedMessage, RenderUse } from '../rendered-message.ts'
import { SAMPLE_REPLIES, SAMPLE_ROOTS, sampleDigest, sampleDigestOver } from '../sample-messages.ts'
import { digestTemplate } from './digest-template.ts'
import { wordsOf } from './message-words.ts'
import { templateOf } from './template-of.ts'
import { MESSAGE_LANGUAGES, MESSAGE_PRESETS } from './template-options.ts'

const looks = MESSAGE_PRESETS.flatMap((preset) => MESSAGE_LANGUAGES.map((language) => ({ preset, language }) as const))
const rungs = ['full', 'short', 'plain'] as const
const uses: readonly RenderUse[] = [{}, { isEdit: true }, { standsAlone: true }]

const NASTY = [
  '<!channel>',
  '<!here>',
  '<@U123456>',
  '<!subteam^S123456>',
  '<!date^1^{ago}^https://evil.example|x>',
  '<https://evil.example|grafana>',
  'https://evil.example',
  '@channel',
  '&lt;!everyone&gt;',
  '*b*',
  '`c`',
  '{who}',
  '{title}',
  '\u202E',
  '\u200B',
  '|',
  '>',
  '<',
  '\n',
]
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom(...NASTY, 'x', '각', '👨‍👩‍👧'), fc.nat(1_500)).map(([part, times]) => part.repeat(times)),
)
const anyTime = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
)
const anyCount = fc.oneof(fc.nat(5), fc.nat())
const anyParty: fc.Arbitrary<Party | null> = fc.option(fc.record({ id: anyText, name: anyText }))
const anyLabels = fc.dictionary(
  fc.oneof(
    anyText,
    fc.constantFrom('alertname', 'instance', 'region', 'MetricName', 'threshold', 'reason', 'description', 'summary'),
  ),
  fc.oneof(anyText, fc.constantFrom('80', '1e999', '-0', '268435456')),
  { maxKeys: 8 },
)

const GOOD_HOST = 'pages.example.com'
const anyAddress = fc.constantFrom(
  undefined,
  `https://${GOOD_HOST}/x?a=1&b=2`,
  `http://${GOOD_HOST}/|<!channel>`,
  `https://evil.example@${GOOD_HOST}/`,
  'javascript:alert(1)',
  '<!channel>',
  `https://${GOOD_HOST}/${'x'.repeat(1_900)}`,
)
const anyLinks = fc.record({
  runbook: anyAddress,
  dashboard: anyAddress,
  panel: anyAddress,
  generator: anyAddress,
  silence: anyAddress,
})

const GOOD_MENTIONS: readonly Mention[] = [
  { kind: 'here' },
  { kind: 'everyone' },
  { kind: 'person', id: 'U0ONCALL' },
  { kind: 'group', id: 'S0DBTEAM' },
]
const BAD_MENTIONS: readonly Mention[] = [
  { kind: 'person', id: 'channel' },
  { kind: 'person', id: 'U1|<!channel>' },
  { kind: 'group', id: '^S1> <!here' },
]
const anyMentions = fc.array(fc.constantFrom(...GOOD_MENTIONS, ...BAD_MENTIONS), { maxLength: 4 })

const PURPOSES = [...new Set([...Object.keys(SAMPLE_REPLIES), 'firing'])].filter(
  (name) => name !== 'resolved-by-a-person',
) as readonly MessagePurpose[]

const anyMessage: fc.Arbitrary<IncidentMessage> = fc
  .record({
    texts: fc.record({ title: anyText, service: anyText, cluster: anyText, namespace: anyText, environment: anyText }),
    state: fc.record({
      status: fc.constantFrom(...INCIDENT_STATUSES),
      severity: fc.constantFrom(...SEVERITIES),
      alertCount: anyCount,
      firing: fc.record({ critical: anyCount }),
      flapCount: anyCount,
      reopenCount: anyCount,
      isFlapping: fc.boolean(),
      isNoise: fc.boolean(),
      isSeverityPinned: fc.boolean(),
    }),
    people: fc.record({ owner: anyParty, acknowledgedBy: anyParty, resolvedBy: anyParty }),
    times: fc.record({
      startedAt: anyTime,
      openedAt: anyTime,
      acknowledgedAt: anyTime,
      resolvedAt: fc.option(anyTime),
      clearsAt: fc.option(anyTime),
      silencedUntil: fc.option(anyTime),
      updatedAt: anyTime,
    }),
    alert: fc.record({
      title: anyText,
      labels: anyLabels,
      annotations: anyLabels,
      links: anyLinks,
      startsAt: anyTime,
      endsAt: fc.option(anyTime),
    }),
    message: fc.record({
      purpose: fc.constantFrom(...PURPOSES),
      thread: fc.constantFrom(null, { id: '1705329025.000100', place: null }),
      differing: fc.array(fc.record({ name: anyText, values: fc.array(anyText, { maxLength: 5 }), more: anyCount }), {
        maxLength: 5,
      }),
      notes: fc.array(fc.record({ by: anyText, text: anyText, at: anyTime }), { maxLength: 7 }),
      raisedFrom: fc.option(fc.constantFrom(...SEVERITIES)),
      mentions: anyMentions,
      consoleUrl: anyAddress.map((url) => url ?? null),
      previousRoot: anyAddress.map((url) => url ?? null),
      environment: anyText,
      now: anyTime,
    }),
  })
  .map(({ texts, state, people, times, alert, message }) => {
    const links = Object.fromEntries(Object.entries(alert.links).filter(([, url]) => url !== undefined))
    return sampleMessage({
      incident: { ...texts, ...state, ...people, ...times },
      alert: { ...alert, links },
      message,
    })
  })

const anyDigest: fc.Arbitrary<StormDigest> = fc
  .record({
    isOver: fc.boolean(),
    startedAt: anyTime,
    endedAt: fc.option(anyTime),
    total: anyCount,
    open: anyCount,
    bySeverity: fc.array(fc.record({ severity: fc.constantFrom(...SEVERITIES), open: anyCount, total: anyCount }), {
      maxLength: 6,
    }),
    byService: fc.array(fc.record({ service: anyText, open: anyCount, total: anyCount }), { maxLength: 9 }),
    top: fc.array(
      fc.record({
        name: anyText,
        title: anyText,
        severity: fc.constantFrom(...SEVERITIES),
        service: anyText,
        link: anyAddress.map((url) => url ?? null),
      }),
      { maxLength: 12 },
    ),
    consoleUrl: anyAddress.map((url) => url ?? null),
    environment: anyText,
  })
  .map((changes) => sampleDigest(changes))

/** Whom Slack would call, and to which hosts a click could lead, in every form of a message. All of them are valid, or this fails. */
function liveIn(rendered: RenderedMessage, use: 'post' | 'update', metadata: object) {
  return rungs.map((rung) => {
    const content: MessageContent = RUNGS[rung](rendered)
    expect(checkMessage({ ...content, ...(use === 'post' ? { metadata } : {}) }, use)).toEqual([])
    for (const attachment of content.attachments ?? [])
      if ('blocks' in attachment) expect(schemaProblems(attachment.blocks)).toEqual([])
    const { pings, links } = findLiveMarkup(content)
    return { rung, pings: pings.map(({ raw }) => raw), links }
  })
}

function harmless(message: IncidentMessage, look: (typeof looks)[number], use: RenderUse): void {
  const rendered = templateOf(look)(message, use)
  const isEdit = use.isEdit === true
  const called = isEdit ? [] : message.mentions.filter((one) => GOOD_MENTIONS.includes(one)).map(markOf)
  for (const { pings, links } of liveIn(rendered, isEdit ? 'update' : 'post', metadataOf(message))) {
    expect(pings).toEqual(called)
    for (const { url, text } of links) expect([new URL(url).host, OUR_LABELS.has(text)]).toEqual([GOOD_HOST, true])
  }
}

function markOf(one: Mention): string {
  if (!('id' in one)) return one.kind === 'here' ? '<!here>' : '<!channel>'
  return one.kind === 'person' ? `<@${one.id}>` : `<!subteam^${one.id}>`
}

const OUR_LABELS = new Set(
  MESSAGE_LANGUAGES.flatMap((language) => {
    const words = wordsOf(language)
    const { viewRunbook, dashboard, panel, generator, silenceAtSource, console, previousRoot } = words
    return [viewRunbook, dashboard, panel, generator, silenceAtSource, console, previousRoot]
  }),
)

test('no incident, whatever its texts, makes an invalid message, calls anybody but whom the rules name, or links under a label of its own', () => {
  fc.assert(fc.property(anyMessage, fc.constantFrom(...looks), fc.constantFrom(...uses), harmless), { numRuns: 200 })
})

test('no storm, whatever its texts, makes an invalid message, calls anybody or leads elsewhere than to our pages', () => {
  fc.assert(
    fc.property(anyDigest, fc.constantFrom(...looks), fc.constantFrom('post', 'update'), (digest, look, use) => {
      for (const { pings, links } of liveIn(digestTemplate(look)(digest), use, metadataOfDigest(digest))) {
        expect(pings).toEqual([])
        for (const { url } of links) expect(new URL(url).host).toBe(GOOD_HOST)
      }
    }),
    { numRuns: 100 },
  )
})

test('the samples are valid in every preset and language, as posts and as edits', () => {
  const messages = [...Object.values(SAMPLE_ROOTS), ...Object.values(SAMPLE_REPLIES)].map((make) => make())
  for (const look of looks) {
    for (const message of messages)
      for (const use of uses)
        liveIn(templateOf(look)(message, use), use.isEdit === true ? 'update' : 'post', metadataOf(message))
    for (const digest of [sampleDigest(), sampleDigestOver()])
      liveIn(digestTemplate(look)(digest), 'update', metadataOfDigest(digest))
  }
})
