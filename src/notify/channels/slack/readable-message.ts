import type { Block, Button, LegacyAttachment, StaticSelect, TextObject } from './block-kit.ts'
import type { MessageContent } from './message-rungs.ts'

/** A message as people would read it in a terminal, line by line: no markup, links as `text <address>`, buttons in brackets. */
export function readableMessage({ text, attachments }: MessageContent): readonly string[] {
  const attached = (attachments ?? []).flatMap((one) =>
    'blocks' in one ? one.blocks.flatMap(linesOfBlock) : linesOfLegacy(one),
  )
  return [...(text === undefined ? [] : unmarked(text)), ...attached]
}

function linesOfBlock(block: Block): readonly string[] {
  switch (block.type) {
    case 'header':
      return readable(block.text)
    case 'context':
      return block.elements.flatMap(readable)
    case 'actions':
      return [block.elements.map(labelOf).join(' ')]
    case 'section':
      return [
        ...(block.text === undefined ? [] : readable(block.text)),
        ...(block.fields ?? []).flatMap(readable),
        ...(block.accessory === undefined ? [] : [labelOf(block.accessory)]),
      ]
  }
}

function linesOfLegacy({ title, fields = [], footer, ts }: LegacyAttachment): readonly string[] {
  const sent = ts === undefined ? '' : ` | ${new Date(ts * 1_000).toISOString()}`
  return [
    ...unmarked(title),
    ...fields.flatMap((field) => unmarked(`${field.title}: ${field.value}`)),
    ...(footer === undefined ? [] : unmarked(`${footer}${sent}`)),
  ]
}

function labelOf(element: Button | StaticSelect): string {
  if (element.type === 'button') return `[${element.text.text}]`
  return `[${element.placeholder.text} ${element.options.map(({ text }) => text.text).join(' / ')}]`
}

function readable(object: TextObject): readonly string[] {
  return object.type === 'plain_text' ? object.text.split('\n') : unmarked(object.text)
}

function unmarked(mrkdwn: string): readonly string[] {
  return mrkdwn
    .replace(/\*([^*\n]+)\*/g, '$1')
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<!(?:subteam\^)?([^|>]+)>/g, '@$1')
    .replace(/<(@[^|>]+)>/g, '$1')
    .replace(/<([^|>]+)\|([^>]+)>/g, '$2 <$1>')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replaceAll('&amp;', '&')
    .split('\n')
}
