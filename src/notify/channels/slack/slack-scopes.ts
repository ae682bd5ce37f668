/** What the bot may do, and what does not work without it. */
export interface NeededScope {
  readonly scope: string
  /** True: without it Nunchi cannot tell anything. */
  readonly isVital: boolean
  /** What is missing without it, one sentence. */
  readonly without: string
}

/** Exactly the scopes of `deploy/slack/manifest.yaml`; a test compares them with the methods that are called. */
export const NEEDED_SCOPES: readonly NeededScope[] = [
  { scope: 'chat:write', isVital: true, without: 'Nothing can be posted, changed or answered.' },
  {
    scope: 'channels:history',
    isVital: false,
    without:
      'In public channels a message whose answer got lost cannot be looked up and may be posted twice, and replies with :memo: are not heard.',
  },
  { scope: 'groups:history', isVital: false, without: 'The same in private channels.' },
  { scope: 'channels:read', isVital: false, without: 'It cannot be checked whether the bot is in a public channel.' },
  { scope: 'groups:read', isVital: false, without: 'It cannot be checked whether the bot is in a private channel.' },
  { scope: 'commands', isVital: false, without: 'There is no /nunchi, and nothing in the menu of messages.' },
  { scope: 'users:read', isVital: false, without: 'Nobody can act from Slack: it is not known who clicked.' },
  {
    scope: 'users:read.email',
    isVital: false,
    without: 'Nobody is recognised as one of `people`: everybody has the rights of `slack.members`.',
  },
]
