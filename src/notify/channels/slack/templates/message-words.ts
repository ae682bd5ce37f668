import { ENGLISH_WORDS, type MessageWords } from './english-words.ts'
import { KOREAN_WORDS } from './korean-words.ts'
import type { MessageLanguage } from './template-options.ts'

const WORDS: Readonly<Record<MessageLanguage, MessageWords>> = { en: ENGLISH_WORDS, ko: KOREAN_WORDS }

/** The words of a language. */
export function wordsOf(language: MessageLanguage): MessageWords {
  return WORDS[language]
}

/** Puts strings into the places of a phrase, where the result is no markup. */
export function fill(template: string, parts: Readonly<Record<string, string>>): string {
  return template.replace(/\{([a-z]+)\}/g, (_, name: string) => parts[name] ?? '')
}

/** `once`, `4 times`. */
export function timesWords(words: MessageWords, count: number): string {
  return count === 1 ? words.once : fill(words.times, { count: String(count) })
}

/** A duration with its two largest units: `8s`, `14m 3s`, `2h 4m`, `3d 1h`. Negative ones count as nothing. */
export function durationWords(words: MessageWords, ms: number): string {
  const seconds = Number.isFinite(ms) ? Math.max(0, Math.floor(ms / 1_000)) : 0
  const units: readonly (readonly [template: string, count: number])[] = [
    [words.day, Math.floor(seconds / 86_400)],
    [words.hour, Math.floor(seconds / 3_600) % 24],
    [words.minute, Math.floor(seconds / 60) % 60],
    [words.second, seconds % 60],
  ]
  const first = units.findIndex(([, count]) => count > 0)
  if (first === -1) return fill(words.second, { n: '0' })
  const shown = units.slice(first, first + 2).filter(([, count]) => count > 0)
  return shown.map(([template, count]) => fill(template, { n: String(count) })).join(' ')
}
