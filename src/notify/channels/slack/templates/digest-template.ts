import { type Severity, severityRank } from '../../../../domain/severity.ts'
import type { StormDigest } from '../../../channel.ts'
import type { Block, SectionBlock } from '../block-kit.ts'
import { clampPlain } from '../clamp-text.ts'
import { link, plainText, words as say, type TextNode, textObject, value } from '../message-tree.ts'
import type { RenderedMessage } from '../rendered-message.ts'
import { styleOf } from '../severity-style.ts'
import { linkTo } from './incident-links.ts'
import { isShown } from './message-facts.ts'
import { headlineOf, type MessageVoice, voiceOf } from './message-voice.ts'
import { durationWords, fill } from './message-words.ts'
import { joinPhrases, phrase } from './phrase.ts'
import { stableCount } from './stable-count.ts'
import { DEFAULT_TEMPLATE_OPTIONS, type TemplateOptions } from './template-options.ts'

/** Renders a storm. Pure. */
export type DigestTemplate = (digest: StormDigest) => RenderedMessage

const MOST_SERVICES = 8
const MOST_LISTED = 10
const MOST_TITLE = 150
const MOST_SERVICE = 60

/**
 * The one message of a storm: how many incidents, how bad, of which services, the most severe open ones with links.
 * Calls nobody. Every preset has the same one; the cloudwatch presets choose its language. Throws on a time zone that
 * does not exist.
 */
export function digestTemplate(chosen: Partial<TemplateOptions> = {}): DigestTemplate {
  const options = { ...DEFAULT_TEMPLATE_OPTIONS, ...chosen }
  const voice = voiceOf({ ...options, language: options.preset === 'cloudwatch-ko' ? 'ko' : options.language })
  return (digest) => {
    const headline = headlineFor(digest, voice)
    const lines = stateLines(digest, voice)
    const listed = listLines(digest, voice)
    const context = [`env=${digest.environment}`, options.footer ?? ''].filter(isShown)
    const blocks: readonly (Block | null)[] = [
      { type: 'header', text: { ...plainText([value(headline)]), emoji: true } },
      { type: 'section', text: textObject(joinPhrases(lines, '\n')) },
      countsBlock(digest, voice),
      listed.length === 0
        ? null
        : { type: 'section', text: textObject(joinPhrases([phrase(voice.words.mostSevere), ...listed], '\n')) },
      { type: 'context', elements: context.map((line) => plainText([value(line)])) },
    ]
    return {
      color: colorOf(digest),
      headline,
      summary: headline,
      blocks: blocks.filter((block) => block !== null),
      facts: [...lines, ...severityLines(digest, voice), ...listed].map((nodes) => plainText(nodes).text),
      mentions: [],
    }
  }
}

function headlineFor(digest: StormDigest, voice: MessageVoice): string {
  const { words } = voice
  const [icon, template] = digest.isOver ? ['✅', words.stormOver] : ['🌀', words.storm]
  return headlineOf(voice, icon, fill(template, { total: stableCount(digest.total) }))
}

/** The colour of the worst that is open; green once it is over. */
function colorOf({ isOver, bySeverity }: StormDigest): string {
  const open = bySeverity.filter((one) => one.open > 0).map(({ severity }) => severity)
  const worst = open.toSorted((a, b) => severityRank(b) - severityRank(a))[0]
  return isOver || worst === undefined ? styleOf('resolved', 'info').color : styleOf('firing', worst).color
}

function stateLines(digest: StormDigest, voice: MessageVoice): readonly (readonly TextNode[])[] {
  const { words, clock } = voice
  const time = clock.moment(digest.startedAt) ?? '-'
  const counts = { open: stableCount(digest.open), total: stableCount(digest.total), time }
  if (!digest.isOver) return [phrase(words.stormOpen, counts), consoleLine(digest, voice, words.stormTold)]
  const end = clock.moment(digest.endedAt)
  const span = digest.endedAt === null ? '' : durationWords(words, digest.endedAt - digest.startedAt)
  const times = [
    fill(words.started, { time }),
    ...(end === null ? [] : [fill(words.ended, { time: end }), fill(words.duration, { duration: span })]),
  ].join(' | ')
  return [
    digest.open > 0 ? phrase(words.stormOverOpen, counts) : phrase(words.stormAllClosed, counts),
    consoleLine(digest, voice, times),
  ]
}

function consoleLine({ consoleUrl }: StormDigest, { words }: MessageVoice, text: string): readonly TextNode[] {
  const node = linkTo(consoleUrl, words.console)
  return node === null ? [say(text)] : [say(`${text} `), node]
}

function countsBlock(digest: StormDigest, voice: MessageVoice): SectionBlock | null {
  const { words } = voice
  const services = digest.byService
    .slice(0, MOST_SERVICES)
    .map(({ service, open, total }) => [
      isShown(service) ? value(clampPlain(service, MOST_SERVICE)) : say(words.noService),
      say(`: ${openOf(voice, open, total)}`),
    ])
  const columns = [
    [phrase(words.bySeverity), ...severityLines(digest, voice)],
    [phrase(words.byService), ...services],
  ].filter((lines) => lines.length > 1)
  return columns.length === 0
    ? null
    : { type: 'section', fields: columns.map((lines) => textObject(joinPhrases(lines, '\n'))) }
}

function severityLines({ bySeverity }: StormDigest, voice: MessageVoice): readonly (readonly TextNode[])[] {
  return bySeverity
    .filter(({ total }) => total > 0)
    .toSorted((a, b) => severityRank(b.severity) - severityRank(a.severity))
    .map(({ severity, open, total }) => [
      say(`${iconOf(severity)} ${voice.words.severities[severity]}: ${openOf(voice, open, total)}`),
    ])
}

function openOf({ words }: MessageVoice, open: number, total: number): string {
  return fill(words.openOf, { open: stableCount(open), total: stableCount(total) })
}

function listLines(digest: StormDigest, voice: MessageVoice): readonly (readonly TextNode[])[] {
  const listed = digest.top.slice(0, MOST_LISTED)
  const others = digest.open - listed.length
  const lines = listed.map(({ name, title, severity, service, link: address }) => [
    say(`${iconOf(severity)} `),
    (address === null ? null : link(address, name)) ?? value(name),
    say(' '),
    value(clampPlain(title, MOST_TITLE)),
    ...(isShown(service) ? [say(' · '), value(clampPlain(service, MOST_SERVICE))] : []),
  ])
  return listed.length > 0 && others > 0
    ? [...lines, phrase(voice.words.moreIncidents, { count: stableCount(others) })]
    : lines
}

function iconOf(severity: Severity): string {
  return styleOf('firing', severity).icon
}
