import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { describeNeeding } from './missing-packages.ts'
import { startHaproxy } from './run-haproxy.ts'
import { waitUntil } from './wait-until.ts'

describeNeeding('haproxy')('a private HAProxy', () => {
  test('takes turns between the servers, and leaves out one that says that it is not ready', async () => {
    const [one, other] = [await startBackend('one'), await startBackend('other')]
    await using haproxy = await startHaproxy({ servers: [one.address, other.address] })
    const ask = async (): Promise<string> => await (await fetch(`${haproxy.url}/hello`)).text()
    expect(new Set([await ask(), await ask()])).toEqual(new Set(['one', 'other']))
    one.leave()
    await waitUntil(async () => [await ask(), await ask(), await ask()].every((name) => name === 'other'), {
      why: 'the one that leaves gets no more requests',
      describe: () => haproxy.logTail(),
    })
  }, 30_000)
})

async function startBackend(name: string) {
  let isReady = true
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/readyz' && !isReady ? 503 : 200
    response.setHeader('connection', 'close').end(name)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    leave: () => {
      isReady = false
    },
  }
}
