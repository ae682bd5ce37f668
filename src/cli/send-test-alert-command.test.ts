import { mkdtempSync, rmSync } from 'node:fs'
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
      return init.method === 'POST' ? jsonReply({ ok: true }) : jsonReply({ items: [OPEN], nextCursor: null })
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
      return jsonReply({ items: [isSent ? { ...OPEN, status: 'resolved', firing: 0 } : OPEN] })
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
      jsonReply({ items: [{ ...OPEN, slack: { state: 'none', url: null } }] }),
    )
    expect(out).toContain(
      'Slack is not configured. What would be posted: http://127.0.0.1:9009/api/v1/notifications/would-be',
    )
  })

  test('an incident that does not come is told, not waited for without end', async () => {
    const { code, out } = await run(['send-test-alert'], {}, () => jsonReply({ items: [] }))
    expect(code).toBe(0)
    expect(out).toContain('not there yet')
  })

  test('what a server writes cannot move the cursor of the terminal', async () => {
    const answer: Answer = () => jsonReply({ items: [{ ...OPEN, name: 'INC\u001b[2J\n7' }] })
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
      const { code, aside } = await run(['send-test-alert'], {}, () => jsonReply(body, status))
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
      init.method === 'POST' ? jsonReply({}) : jsonReply({}, 401),
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
