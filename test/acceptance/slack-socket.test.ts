import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_CHANNEL as channel } from '../support/fake-slack/fake-slack.ts'
import { DEFAULT_SIGNING_SECRET } from '../support/fake-slack/interaction/deliveries.ts'
import { doorsOf, InteractiveProduct } from '../support/interactive-product.ts'

let product: InteractiveProduct

beforeAll(async () => {
  product = await InteractiveProduct.start({
    transport: 'socket',
    env: { SLACK_SIGNING_SECRET: DEFAULT_SIGNING_SECRET },
  })
})
afterAll(async () => {
  product.nunchi.assertNoErrorLogs()
  expect(product.slack.sockets.problems).toEqual([])
  await product.stop()
})

interface Health {
  readonly status: string
  readonly problems?: readonly { readonly problem: string; readonly remedy: string }[]
}
const health = async () => (await product.nunchi.api<Health>('/health')).body
const connected = async () => await product.waitFor(() => product.slack.sockets.count > 0, 'it is connected')
const acknowledge = async (): Promise<void> => {
  const incident = await product.openIncident()
  const ts = product.postButtons(incident)
  const { error } = await product.person().click({ channel, ts, actionId: 'nunchi:acknowledge' })
  expect(error).toBeUndefined()
  await product.incidentThat(incident.id, ({ status }) => status === 'acknowledged', 'it is acknowledged')
}

test('a click over the connection is acknowledged within a second', async () => {
  const incident = await product.openIncident()
  const ts = product.postButtons(incident)
  const { roundTripMs } = await product.person().click({ channel, ts, actionId: 'nunchi:acknowledge' })
  expect(roundTripMs).toBeLessThan(1_000)
})

test('a connection that Slack ends is opened anew', async () => {
  product.slack.sockets.disconnect('refresh_requested')
  await product.waitFor(() => product.slack.calls('apps.connections.open').length > 1, 'it opens another')
  await connected()
  await acknowledge()
})

test('a connection that breaks is opened anew, and /health says when it cannot be', async () => {
  const stop = product.slack.addFault({
    method: 'apps.connections.open',
    fault: { kind: 'error', error: 'invalid_auth' },
  })
  product.slack.sockets.cut()
  const told = await product.waitFor(async () => {
    const { problems = [] } = await health()
    return problems.find(({ problem }) => /Socket Mode/.test(problem))
  }, '/health names Socket Mode')
  expect(told.remedy).toMatch(/connections:write/)
  stop()
  await product.waitFor(async () => (await health()).status === 'healthy', '/health is well again')
  await connected()
  await acknowledge()
})

test('what arrives both ways is done once', async () => {
  const incident = await product.openIncident()
  const ts = product.postButtons(incident)
  const { delivery } = await product.person().click({ channel, ts, actionId: 'nunchi:acknowledge' })
  await product.incidentThat(incident.id, ({ status }) => status === 'acknowledged', 'it is acknowledged')
  await product.nunchi.post(`/api/v1/incidents/${incident.id}/unacknowledge`, {})
  const { signatureOf } = await import('../../src/notify/channels/slack/interaction/verify-signature.ts')
  const body = new URLSearchParams({ payload: JSON.stringify(delivery.payload) }).toString()
  const timestamp = String(Math.floor(Date.now() / 1000))
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signatureOf(DEFAULT_SIGNING_SECRET, timestamp, Buffer.from(body)),
  }
  const { status } = await fetch(doorsOf(product.nunchi).interactions, { method: 'POST', headers, body })
  expect(status).toBe(200)
  await product.quiet()
  expect((await product.incident(incident.id)).status).toBe('active')
})

test('it stops in time while the connection is open', async () => {
  const { durationMs, code } = await product.nunchi.term()
  expect([code, durationMs < 9_000]).toEqual([0, true])
})
