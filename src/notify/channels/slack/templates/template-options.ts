import { DEFAULT_LIFECYCLE } from '../../../../domain/incident-lifecycle.ts'

/** `threader`: system 2, exact. `cloudwatch-…`: system 4, exact. `default`: the incident as it is now, with buttons. */
export const MESSAGE_PRESETS = ['default', 'threader', 'cloudwatch-ko', 'cloudwatch-en'] as const
export type MessagePreset = (typeof MESSAGE_PRESETS)[number]

export const MESSAGE_LANGUAGES = ['en', 'ko'] as const
export type MessageLanguage = (typeof MESSAGE_LANGUAGES)[number]

/** How the messages of a channel look. */
export interface TemplateOptions {
  readonly preset: MessagePreset
  /** Of `default`. The other presets have a language of their own. */
  readonly language: MessageLanguage
  /** IANA name. Null: UTC, in `cloudwatch-ko` Asia/Seoul. */
  readonly timeZone: string | null
  /** Stands in brackets before the title. Null: nothing, in the cloudwatch presets their own. */
  readonly titlePrefix: string | null
  /** The last line. Null: nothing, in the cloudwatch presets their own. */
  readonly footer: string | null
  /** How long a flapping incident must be quiet before it is told as resolved; named in the reply about it. */
  readonly flapQuietMs: number
  /** Off where nobody would hear a click. */
  readonly hasButtons: boolean
}

export const DEFAULT_TEMPLATE_OPTIONS: TemplateOptions = {
  preset: 'default',
  language: 'en',
  timeZone: null,
  titlePrefix: null,
  footer: null,
  flapQuietMs: DEFAULT_LIFECYCLE.flapHoldOffMs,
  hasButtons: true,
}
