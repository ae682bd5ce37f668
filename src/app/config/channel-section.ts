import * as z from 'zod'
import { CHANNEL_KINDS, type ChannelKind } from './channel-kinds.ts'
import { MENTIONS } from './mention-setting.ts'
import { setting } from './setting.ts'
import { STORM } from './storm-setting.ts'

const KIND_LIST = CHANNEL_KINDS.map(({ kind }) => `\`${kind}\``).join(', ')

function channelOf<K extends ChannelKind>({ kind, settings }: K) {
  return z.strictObject({
    id: setting(z.string().regex(/^[a-z0-9-]{1,40}$/), {
      about: 'Unique; routes name it. Threads belong to it: under another id everything is told anew.',
      examples: ['payments'],
      remedy: 'Use 1 to 40 of `a`–`z`, `0`–`9` and `-`.',
    }),
    kind: setting(z.literal(kind), { about: `What it is: ${KIND_LIST}.` }),
    mentions: setting(MENTIONS.prefault({}), {
      about: 'Whom its messages call, by severity. Mentions of a route go before.',
      examples: [{ critical: ['@here'] }],
    }),
    storm: setting(STORM.optional(), {
      about: 'When it tells many incidents in one message. Only those of kind `slack` with the template `default` do.',
      otherwise: 'as `slack.storm`',
    }),
    settings: setting(settings, { about: 'What only this kind knows.' }),
  })
}

const [first, ...others] = CHANNEL_KINDS
/** A place where incidents are told. */
export const CHANNEL = z.discriminatedUnion('kind', [channelOf(first), ...others.map(channelOf)])
