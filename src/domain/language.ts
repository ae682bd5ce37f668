export const LANGUAGES = ['en', 'ko'] as const

/** A language that people are spoken to in. */
export type Language = (typeof LANGUAGES)[number]
