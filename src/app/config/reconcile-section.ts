import * as z from 'zod'
import { ADDRESS_RULES, serverAddress } from './server-address.ts'
import { durationText, refuse, secretText, setting } from './setting.ts'
import { timeoutSetting } from './timeout-setting.ts'

/** How a source is asked what fires now. */
export const RECONCILE = z
  .strictObject({
    url: setting(serverAddress().optional(), {
      about: 'The address of the sender, with its path prefix and without `/api`.',
      examples: ['http://alertmanager:9093'],
    }),
    urls: setting(z.array(serverAddress()).min(1).max(20).optional(), {
      about: 'Instead of `url`: every server of one cluster.',
      examples: [['http://alertmanager-0:9093', 'http://alertmanager-1:9093']],
    }),
    token: setting(secretText().optional(), {
      about: 'A bearer token; for Grafana that of a service account that may read alerts.',
      isSecret: true,
    }),
    username: setting(z.string().min(1).optional(), { about: 'The user name of basic authentication.' }),
    password: setting(secretText().optional(), { about: 'Its password.', isSecret: true }),
    every: setting(durationText({ atLeast: '1s', atMost: '1h' }).prefault('60s'), { about: 'How often it is asked.' }),
    timeout: timeoutSetting('10s', '2m', 'How long one answer may take.'),
    missingFor: setting(durationText({ atLeast: '1s', atMost: '1d' }).prefault('6m'), {
      about:
        'How long a difference must last, over three answers or more, before it is healed. Longer than `group_interval`, after which the sender tells it by itself.',
    }),
    settle: setting(durationText({ atLeast: '1s', atMost: '1d' }).prefault('10m'), {
      about:
        'How long a server must have been running before what it does not list counts as over. A multiple of the longest evaluation interval of its rules.',
    }),
    healMissing: setting(z.boolean().prefault(true), {
      about: 'Tell alerts that the sender lists and whose message never came; `false` only resolves what is over.',
    }),
    receivers: setting(z.array(z.string().min(1)).min(1).max(50).optional(), {
      about: 'The names of the receivers of the sender that lead here. Alerts for others are left alone.',
      otherwise: 'those that deliveries have named',
      examples: [['nunchi']],
    }),
    ...ADDRESS_RULES,
  })
  .superRefine(({ url, urls, token, username, password }, ctx) => {
    if ((url === undefined) === (urls === undefined))
      refuse(ctx, {
        problem: url === undefined ? 'says nothing about where to ask' : 'has both `url` and `urls`',
        remedy: 'Set `url` for one server, or `urls` for the servers of one cluster.',
      })
    if (token !== undefined && (username !== undefined || password !== undefined))
      refuse(ctx, { problem: 'has a token and a login', remedy: 'Keep either `token`, or `username` and `password`.' })
    if ((username === undefined) !== (password === undefined))
      refuse(ctx, { problem: 'has half a login', remedy: 'Set both `username` and `password`, or neither.' })
  })

export type ParsedReconcile = z.output<typeof RECONCILE>
