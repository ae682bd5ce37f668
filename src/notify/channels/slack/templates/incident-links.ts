import type { IncidentMessage } from '../../../channel.ts'
import { type LinkNode, link, words as say, type TextNode, value } from '../message-tree.ts'
import type { MessageVoice } from './message-voice.ts'
import { joinPhrases, phrase } from './phrase.ts'

/**
 * Where to go from here, in one line: the sender's links, each group followed by the host it leads to, then our own.
 * Empty when there is none; addresses that people must not be sent to are left out.
 */
export function linkLine(message: IncidentMessage, { words }: MessageVoice): readonly TextNode[] {
  const { links } = message.alert
  const runbook = foreign([[links.runbook, words.viewRunbook]])
  const others = foreign([
    [links.dashboard, words.dashboard],
    [links.panel, words.panel],
    [links.generator, words.generator],
    [links.silence, words.silenceAtSource],
  ])
  const own = [linkTo(message.consoleUrl, words.console), linkTo(message.previousRoot, words.previousRoot)]
  const groups = [...runbook, ...others, ...own.flatMap((node) => (node === null ? [] : [[node]]))]
  if (groups.length === 0) return []
  const name = runbook.length > 0 ? words.runbook : words.links
  return [...phrase(name), say(' '), ...joinPhrases(groups, ' · ')]
}

/** A link to a page of ours, or null where there is none. */
export function linkTo(url: string | null, label: string): LinkNode | null {
  return url === null ? null : link(url, label)
}

// What a link promises is ours, where it leads is the sender's: the host says so.
function foreign(
  wanted: readonly (readonly [url: string | undefined, label: string])[],
): readonly (readonly TextNode[])[] {
  const byHost = new Map<string, readonly TextNode[]>()
  for (const [url, label] of wanted) {
    const node = linkTo(url ?? null, label)
    if (node === null) continue
    const { host } = new URL(node.url)
    const before = byHost.get(host)
    byHost.set(host, before === undefined ? [node] : [...before, say(', '), node])
  }
  return [...byHost].map(([host, nodes]) => [...nodes, say(' ('), value(host), say(')')])
}
