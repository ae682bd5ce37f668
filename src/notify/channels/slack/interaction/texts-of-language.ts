import type { Language } from '../../../../domain/language.ts'
import type { InteractionTexts } from './interaction-texts.ts'
import { ENGLISH } from './texts-en.ts'
import { KOREAN } from './texts-ko.ts'

const TEXTS: Readonly<Record<Language, InteractionTexts>> = { en: ENGLISH, ko: KOREAN }

/** What Nunchi says in a language. */
export function textsOf(language: Language): InteractionTexts {
  return TEXTS[language]
}
