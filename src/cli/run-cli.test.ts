import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CliContext } from './cli-context.ts'
import { runCli } from './run-cli.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  readonly code: number
  readonly out: string
  readonly aside: string
}

type Answer = (url: URL, init: RequestInit) => Response | Promise<Response>

async function run(argv: readonly string[], env: Record<string, string> = {}, answer?: Answer): Promise<Ran> {
  const out: string[] = []
  const aside: string[] = []
  const context: CliContext = {
    spawn: () => {
      throw new Error('No test of a command starts threads')
    },
    env: { NUNCHI_DATA_DIR: join(folder, 'data'), ...env },
    print: (text) => void out.push(text),
    printAside: (text) => void aside.push(text),
    fetch: async (url, init) => {
      if (!answer) throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })
      return await answer(new URL(String(url)), init ?? {})
    },
    now: () => Date.parse('2026-11-21T10:00:00Z'),
    sleep: async () => {
      // The clock of a test does not make it wait.
    },
    process: new EventEmitter(),
    exit: () => {
      throw new Error('Nothing here ends the process')
    },
  }
  const code = await runCli(argv, context)
  const ran = { code, out: out.join('\n'), aside: aside.join('\n') }
  expect(`${ran.out}${ran.aside}`).not.toMatch(/^\s+at .*:\d+:\d+/m)
  return ran
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}

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

describe('migrate and create-api-key', () => {
  test('a preview changes nothing, a run applies, a second run has nothing to do', async () => {
    const env = { NUNCHI_DATA_DIR: join(folder, 'migrate') }
    expect((await run(['migrate', '--preview'], env)).out).toMatch(/no database yet.*would be applied/)
    expect((await run(['migrate'], env)).out).toMatch(/^Applied:\n {2}\d{8}-\d{4}-/)
    expect((await run(['migrate'], env)).out).toBe('The schema is up to date: nothing to do.')
    expect((await run(['migrate', '--preview'], env)).out).toBe('The schema is up to date: nothing to do.')
  })

  test('an upgrade can stop after a step, and says what is left', async () => {
    const env = { NUNCHI_DATA_DIR: join(folder, 'migrate-to') }
    const stepwise = ['migrate', '--to', '20261121-0800']
    expect((await run([...stepwise, '--preview'], env)).out).toMatch(/would be applied:\n {2}20261121-0800-\S+$/)
    const { out } = await run(stepwise, env)
    expect(out).toMatch(/^Applied:\n {2}20261121-0800-create-core-tables\n\d+ more of this version are left/)
    expect((await run([...stepwise, '--preview'], env)).out).toMatch(
      /nothing to do\.\n\d+ more of this version are left/,
    )
    await run(['migrate'], env)
    const back = await run(stepwise, env)
    expect([back.code, back.aside]).toEqual([
      1,
      expect.stringMatching(/already beyond.*\n→ Steps are never taken back/),
    ])
    const unknown = await run(['migrate', '--to', 'tomorrow'], env)
    expect([unknown.code, unknown.aside]).toEqual([
      1,
      expect.stringMatching(/^There is no step tomorrow\.\n→ Name one of:/),
    ])
  })

  test('a database server that is not there is told with what to do', async () => {
    const url = 'mysql://nunchi:canary@127.0.0.1:1/nunchi'
    for (const args of [
      ['check-config', '--connect'],
      ['migrate'],
      ['migrate', '--preview'],
      ['create-api-key', '--name', 'x', '--scopes', 'read'],
    ]) {
      const { code, aside } = await run(args, { DATABASE_URL: url, NUNCHI_DATA_DIR: join(folder, 'none') })
      expect(code).toBe(1)
      expect(aside).toMatch(/^Nothing answers at 127\.0\.0\.1:1, where the database should be\.\n→ Start the database/)
      expect(aside).not.toContain('canary')
    }
  })

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

  test('a file that is no database is told in a sentence', async () => {
    const file = join(folder, 'notes.txt')
    writeFileSync(file, 'This is a text and certainly no database of anybody. '.repeat(50))
    const { code, aside } = await run(['migrate'], { DATABASE_URL: `sqlite:${file}` })
    expect(code).toBe(1)
    expect(aside).toMatch(/is no database of Nunchi\.\n→ /)
  })

  test('a data folder that is a file is told in a sentence', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const { code, aside } = await run(['migrate'], { NUNCHI_DATA_DIR: file })
    expect(code).toBe(1)
    expect(aside).toMatch(/is not a folder\.\n→ /)
  })
})

const OPEN = {
  name: 'INC-7',
  title: 'TestAlert: a critical test of Nunchi',
  status: 'active',
  severity: 'critical',
  source: 'alertmanager',
  startedAt: '2026-11-21T09:00:00.000Z',
  firing: 1,
  total: 1,
  slack: { state: 'shown', url: 'https://example.slack.com/archives/C1/p1' },
}

describe('send-test-alert', () => {
  test('posts what Alertmanager posts, and tells what became of it', async () => {
    const posted: { url?: URL; init?: RequestInit } = {}
    const { code, out } = await run(['send-test-alert', '--token', 'secret'], {}, (url, init) => {
      if (init.method === 'POST') Object.assign(posted, { url, init })
      return init.method === 'POST' ? json({ ok: true }) : json({ items: [OPEN], nextCursor: null })
    })
    expect(code).toBe(0)
    expect(posted.url?.href).toBe('http://127.0.0.1:9009/webhook/alertmanager/alertmanager')
    expect(posted.init?.headers).toMatchObject({ authorization: 'Bearer secret', 'content-type': 'application/json' })
    expect(JSON.parse(String(posted.init?.body))).toMatchObject({
      version: '4',
      status: 'firing',
      alerts: [
        {
          labels: { alertname: 'TestAlert', severity: 'critical' },
          startsAt: '2026-11-21T10:00:00.000Z',
          endsAt: '0001-01-01T00:00:00Z',
        },
      ],
    })
    expect(out).toContain('INC-7 "TestAlert: a critical test of Nunchi": active, critical, 1 of 1 alert firing')
    expect(out).toContain('in Slack: https://example.slack.com/archives/C1/p1')
  })

  test('a resolve carries the start of the alert that fires', async () => {
    let body: { alerts?: { status: string; startsAt: string; endsAt: string }[] } = {}
    const { out } = await run(['send-test-alert', '--resolve'], {}, (_, init) => {
      const isSent = body.alerts !== undefined
      if (init.method === 'POST') body = JSON.parse(String(init.body))
      return json({ items: [isSent ? { ...OPEN, status: 'resolved', firing: 0 } : OPEN] })
    })
    expect(body.alerts?.[0]).toMatchObject({
      status: 'resolved',
      startsAt: OPEN.startedAt,
      endsAt: '2026-11-21T10:00:00.000Z',
    })
    expect(out).toContain('resolved, critical, 0 of 1 alert firing')
  })

  test('without Slack it says where the would-be message is', async () => {
    const { out } = await run(['send-test-alert'], {}, () =>
      json({ items: [{ ...OPEN, slack: { state: 'none', url: null } }] }),
    )
    expect(out).toContain(
      'Slack is not configured. What would be posted: http://127.0.0.1:9009/api/v1/notifications/would-be',
    )
  })

  test('an incident that does not come is told, not waited for without end', async () => {
    const { code, out } = await run(['send-test-alert'], {}, () => json({ items: [] }))
    expect(code).toBe(0)
    expect(out).toContain('not there yet')
  })

  test('what a server writes cannot move the cursor of the terminal', async () => {
    const answer: Answer = () => json({ items: [{ ...OPEN, name: 'INC\u001b[2J\n7' }] })
    expect((await run(['send-test-alert'], {}, answer)).out).toContain('INC [2J 7')
  })

  const refusals: readonly [status: number, body: unknown, expected: RegExp][] = [
    [401, { title: 'no' }, /wants credentials \(401\)\.\n→ .*--token or NUNCHI_INGEST_TOKEN/],
    [
      404,
      { detail: 'There is no source of that name.' },
      /does not know \/webhook\/alertmanager\/alertmanager \(404\)\. It says: There is no source/,
    ],
    [503, { detail: 'The disk is full.' }, /right now \(503\)\. It says: The disk is full\.\n→ Try again/],
    [500, 'oops', /answered 500/],
  ]
  for (const [status, body, expected] of refusals) {
    test(`${status} is told with its remedy`, async () => {
      const { code, aside } = await run(['send-test-alert'], {}, () => json(body, status))
      expect(code).toBe(1)
      expect(aside).toMatch(expected)
    })
  }

  test('a server that is not there is told with how to start it', async () => {
    const { code, aside } = await run(['send-test-alert', '--url', 'localhost:1234'])
    expect(code).toBe(1)
    expect(aside).toBe(
      'Nothing answers at http://localhost:1234.\n→ Start the server with `nunchi serve`, or name where it runs with --url.',
    )
  })

  test('an API that wants a key says so after the alert was sent', async () => {
    const { code, out, aside } = await run(['send-test-alert'], {}, (_, init) =>
      init.method === 'POST' ? json({}) : json({}, 401),
    )
    expect(code).toBe(1)
    expect(out).toContain('Kept')
    expect(aside).toContain('--api-key or NUNCHI_API_KEY')
  })

  test('something else behind the address is recognised', async () => {
    const { aside } = await run(['send-test-alert'], {}, () => new Response('<html>', { status: 200 }))
    expect(aside).toContain('is not Nunchi')
  })

  test('a severity that does not exist is refused', async () => {
    expect(await run(['send-test-alert', '--severity', 'urgent'])).toMatchObject({ code: 2 })
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
        ? json({ items: [result], nextCursor: 'next' })
        : json({ items: [refused], nextCursor: null })
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
      return json(url.pathname.endsWith('quarantine/replay') ? { items: [], nextCursor: null } : result)
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
    expect((await run(['replay-quarantine'], {}, () => json({ count: 1 }))).aside).toContain('same version of Nunchi')
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
