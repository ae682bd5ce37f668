import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, commandsIn, jsonReply } from '../../test/support/run-command.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const run = commandsIn(() => folder)

describe('help', () => {
  const commands = [
    'serve',
    'check-config',
    'explain-route',
    'migrate',
    'send-test-alert',
    'preview-message',
    'replay-quarantine',
    'create-api-key',
  ]

  test('names every command and the first steps', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    for (const command of commands) expect(out).toContain(`  ${command} `)
    expect(out).toContain('First steps:')
  })

  for (const command of commands) {
    test(`${command} --help has examples that can be typed`, async () => {
      const { code, out } = await run([command, '--help'])
      expect(code).toBe(0)
      expect(out).toMatch(new RegExp(`Examples:\n {2}\\S*.*nunchi ${command}`))
    })
  }

  test('--version prints the version alone', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\S*$/) })
  })

  test('a command that is not known ends with 2 and a suggestion', async () => {
    expect(await run(['serv'])).toMatchObject({
      code: 2,
      out: '',
      aside: expect.stringContaining('Did you mean serve?'),
    })
  })
})

describe('explain-route', () => {
  const config = () => {
    const file = join(folder, 'routes.yaml')
    writeFileSync(
      file,
      `slack: { botToken: xoxb-canary, channel: C0123456789, mentions: { critical: ['@here'] } }
channels: [{ id: payments, kind: slack, settings: { channel: C0123456780 } }]
routes:
  - name: payments
    match: { labels: ['team=~"pay.*"'], severity: '>=error' }
    channels: [payments]
    routes: [{ name: at night, match: { hours: '18:00-09:00' } }]
  - { match: { service: shop } }
quietHours: [{ from: '22:00', to: '07:00' }]
`,
    )
    return file
  }

  test('shows the tree with the reason of every condition, the channels, the mentions and the quiet hours', async () => {
    const question = '{"labels": {"alertname": "Errors", "team": "payments"}, "severity": "error", "service": "cart"}'
    const { code, out } = await run(['explain-route', '-c', config(), question, '--at', '2026-01-05T12:00:00Z'])
    expect(code).toBe(0)
    expect(out).toBe(`Errors: error · from alertmanager · cart · production

✓ the default
  ✓ payments → payments
      ✓ team=~"pay.*"
      ✓ severity >=error
    ✗ at night
        ✗ opened 18:00-09:00 UTC, but it is opened 2026-01-05T12:00:00.000Z
  · routes[1] (not asked: a route before it took the incident)

payments (C0123456780), because of payments
  calls nobody
  goes out at once`)
  })

  test('reads a body of Alertmanager from a file, and the time from the command line', async () => {
    const file = join(folder, 'webhook.json')
    const alerts = ['warning', 'critical'].map((severity) => ({
      status: 'firing',
      labels: { alertname: 'Disk', severity },
      startsAt: '2026-01-05T11:00:00Z',
    }))
    writeFileSync(file, JSON.stringify({ version: '4', alerts }))
    const { out } = await run(['explain-route', '-c', config(), file, '--at', '2026-01-05T23:30:00+00:00'])
    expect(out).toContain('held back by quiet hours until 2026-01-06T07:00:00.000Z')
    expect(out).toContain('calls @here\n  goes out at once')
  })

  const refused: readonly [input: string, words: RegExp][] = [
    ['{', /not valid JSON/],
    ['nowhere.json', /nowhere.json cannot be read/],
    ['{"severity": 1}', /^severity: /],
    ['{"alerts": []}', /no alert/],
  ]
  for (const [input, words] of refused) {
    test(`refuses ${input} in a sentence`, async () => {
      expect(await run(['explain-route', input])).toMatchObject({ code: 1, aside: expect.stringMatching(words) })
    })
  }
})

describe('check-config', () => {
  test('shows the effective configuration, secrets hidden', async () => {
    const { code, out } = await run(['check-config'], { NUNCHI_API_KEY: 'canary-0123456789abcdef0123456789abcdef' })
    expect(code).toBe(0)
    expect(out).toMatch(/^adminKey: <secret> +# NUNCHI_API_KEY$/m)
    expect(out).not.toContain('canary')
    expect(out).toMatch(/Configuration is fine\.$/)
  })

  test('says that the door is open', async () => {
    expect((await run(['check-config'])).out).toContain('Everybody on this machine may do everything')
  })

  test('tells every problem at once, and ends with 1', async () => {
    const { code, out, aside } = await run(['check-config'], { PORT: 'x', LOG_LEVEL: 'loud', NUNCHI_TYPO: '1' })
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(aside).toMatch(/Warning: NUNCHI_TYPO[\s\S]*2 problems[\s\S]*PORT[\s\S]*LOG_LEVEL/)
  })

  test('--config wins over NUNCHI_CONFIG', async () => {
    const file = join(folder, 'nunchi.yaml')
    writeFileSync(file, 'environment: from-flag\n')
    expect((await run(['check-config', '--config', file], { NUNCHI_CONFIG: '/nowhere' })).out).toContain('from-flag')
  })
})

describe('create-api-key', () => {
  test('a key is the only thing on standard output', async () => {
    const env = { NUNCHI_DATA_DIR: join(folder, 'keys') }
    const { code, out, aside } = await run(['create-api-key', '--name', 'on call', '--scopes', 'read, respond'], env)
    expect(code).toBe(0)
    expect(out).toMatch(/^nunchi_\S{60,}$/)
    expect(aside).toContain('on call may: read, respond')
  })

  test('an unknown scope is refused with the ones there are', async () => {
    const { code, aside } = await run(['create-api-key', '--name', 'x', '--scopes', 'reed'])
    expect(code).toBe(1)
    expect(aside).toBe(
      'There is no scope reed.\n→ Write --scopes with some of ingest, read, respond, admin, separated by commas.',
    )
  })
})

describe('replay-quarantine', () => {
  const result = { id: 'q1', outcome: 'replayed', events: 3, quarantined: 0, refusal: null, detail: '' }
  const refused = { ...result, id: 'q2', outcome: 'refused', events: 0, detail: 'Its body is gone.' }

  test('everything, page after page', async () => {
    const bodies: string[] = []
    const { code, out } = await run(['replay-quarantine'], {}, (url, init) => {
      expect(`${init.method} ${url.pathname}`).toBe('POST /api/v1/quarantine/replay')
      bodies.push(String(init.body))
      return bodies.length === 1
        ? jsonReply({ items: [result], nextCursor: 'next' })
        : jsonReply({ items: [refused], nextCursor: null })
    })
    expect(bodies).toEqual(['{}', '{"cursor":"next"}'])
    expect({ code, out }).toEqual({
      code: 0,
      out: 'Read again: 1, with 3 alert events.\nStill in quarantine: 1.\n  q2: Its body is gone.',
    })
  })

  test('one source, or one entry, with the key of the environment', async () => {
    const calls: string[] = []
    const answer: Answer = (url, init) => {
      calls.push(`${url.pathname} ${init.body} ${(init.headers as Record<string, string>)['authorization']}`)
      return jsonReply(url.pathname.endsWith('quarantine/replay') ? { items: [], nextCursor: null } : result)
    }
    const env = { NUNCHI_API_KEY: 'x'.repeat(32) }
    expect((await run(['replay-quarantine', '--source', 'grafana'], env, answer)).out).toBe(
      'Nothing is in quarantine there.',
    )
    await run(['replay-quarantine', '--id', 'a/b'], env, answer)
    expect(calls).toEqual([
      `/api/v1/quarantine/replay {"source":"grafana"} Bearer ${'x'.repeat(32)}`,
      `/api/v1/quarantine/a%2Fb/replay {} Bearer ${'x'.repeat(32)}`,
    ])
    expect((await run(['replay-quarantine', '--id', 'a', '--source', 'b'], env, answer)).aside).toMatch(/together\.\n→/)
  })

  test('an answer in another form is told as another version', async () => {
    expect((await run(['replay-quarantine'], {}, () => jsonReply({ count: 1 }))).aside).toContain(
      'same version of Nunchi',
    )
  })
})

describe('preview-message', () => {
  test('shows the message as people read it, and where Slack draws it', async () => {
    const { code, out } = await run(['preview-message', '--language', 'ko', '--time-zone', 'Asia/Seoul'])
    expect(code).toBe(0)
    expect(out).toMatch(/^🚨 Database Critical Failure\nINC-1042 · 진행 중 \(23:30 KST 이후\)\n/)
    const drawn = /Block Kit Builder: https:\/\/app\.slack\.com\/block-kit-builder\/#(.*)$/.exec(out)?.[1] ?? ''
    expect(JSON.parse(decodeURIComponent(drawn))).toMatchObject({
      attachments: [{ color: '#E01E5A', blocks: [{}, {}, {}, {}, {}, {}] }],
    })
  })

  test('--json prints what Slack is sent and nothing else', async () => {
    const { out } = await run(['preview-message', '--preset', 'cloudwatch-ko', '--state', 'resolved', '--json'])
    expect(JSON.parse(out)).toMatchObject({
      text: expect.stringContaining('*OK*'),
      attachments: [{ color: '#2eb886' }],
    })
  })

  test('shows an incident as the API answers it, in its own state or in another', async () => {
    const file = join(folder, 'incident.json')
    const incident = {
      number: 7,
      title: 'Disk full',
      status: 'acknowledged',
      acknowledgedAt: '2024-01-15T14:35:00Z',
      acknowledgedBy: { id: 'u', name: 'Lee' },
      firing: 2,
      total: 3,
      alerts: { items: [{ labels: { alertname: 'DiskFull', instance: 'db3' } }], nextCursor: null },
    }
    writeFileSync(file, JSON.stringify(incident))
    const own = await run(['preview-message', file])
    expect(own.out).toMatch(/^🚨 Disk full\nINC-7 · Acknowledged by Lee at 14:35 UTC · 2 of 3 alerts firing\n/)
    expect(own.out).toContain('Instance: db3')
    expect((await run(['preview-message', file, '--state', 'resolved'])).out).toMatch(
      /^✅ RESOLVED — Disk full · INC-7/,
    )
  })

  const refused: readonly [why: string, content: string, flags: readonly string[], words: string][] = [
    ['no JSON', '{', [], 'That is no JSON'],
    ['no incident', '{"title":5}', [], 'title:'],
    ['a zone of no map', '{}', ['--time-zone', 'Mars/Base'], 'There is no time zone Mars/Base'],
  ]
  for (const [why, content, flags, words] of refused) {
    test(`${why} ends with 1 and what to give instead`, async () => {
      const file = join(folder, 'refused.json')
      writeFileSync(file, content)
      expect(await run(['preview-message', file, ...flags])).toMatchObject({
        code: 1,
        out: '',
        aside: expect.stringMatching(new RegExp(`${words}[\\s\\S]*→ Give `)),
      })
    })
  }

  test('a file that is not there ends with 1', async () => {
    expect((await run(['preview-message', '/nowhere.json'])).aside).toContain('/nowhere.json cannot be read')
  })
})
