import { type ZonedClock, zonedClock } from '../../zoned-clock.ts'
import type { MessageWords } from './english-words.ts'
import { wordsOf } from './message-words.ts'
import type { TemplateOptions } from './template-options.ts'

/** In which words and times the messages of a channel speak. */
export interface MessageVoice {
  readonly words: MessageWords
  readonly clock: ZonedClock
  readonly options: TemplateOptions
}

/** Throws on a time zone that does not exist: the configuration asks `isTimeZone` first. */
export function voiceOf(options: TemplateOptions): MessageVoice {
  return { words: wordsOf(options.language), clock: zonedClock(options.timeZone ?? 'UTC'), options }
}

/** A headline with the icon and the prefix of the configuration before it. */
export function headlineOf({ options }: Pick<MessageVoice, 'options'>, icon: string, text: string): string {
  return `${icon} ${options.titlePrefix === null ? '' : `[${options.titlePrefix}] `}${text}`
}
