import { setTimeout as sleep } from 'node:timers/promises'
import { startAlertmanagerPair } from '../../test/support/run-alertmanager.ts'
import { startHaproxy } from '../../test/support/run-haproxy.ts'
import { QUIET_CONFIG } from './alertmanager-target.ts'
import { longestGap, SteadySender } from './steady-sender.ts'

const PER_SECOND = 50

/** What senders notice when one of two Alertmanagers behind a load balancer is killed. */
export interface PairLoss {
  readonly gap: number
  readonly refused: number
  /** Alerts that were accepted and that the other one does not know: they tell each other what was sent, not what came in. */
  readonly unknown: number
}

/** Kills one of two under the load that Nunchi's nodes get. */
export async function killOneAlertmanager(): Promise<PairLoss> {
  const [victim, other] = await startAlertmanagerPair({ config: QUIET_CONFIG, args: ['--log.level=error'] })
  const servers = [victim, other].map(({ port }) => `127.0.0.1:${port}`)
  const backendLines = ['retry-on conn-failure empty-response response-timeout 503']
  const haproxy = await startHaproxy({ servers, healthPath: '/-/ready', backendLines })
  try {
    const body = (number: number): string => JSON.stringify([{ labels: { alertname: 'Rule', number: String(number) } }])
    const sender = new SteadySender({ port: haproxy.port, path: '/api/v2/alerts', perSecond: PER_SECOND, body })
    await sleep(3_000)
    const killedAt = performance.now()
    await victim.kill9()
    await sleep(5_000)
    const sent = await sender.stop()
    const known = (await other.get('/api/v2/alerts')) as readonly { readonly labels: { readonly number: string } }[]
    const numbers = new Set(known.map(({ labels }) => Number(labels.number)))
    const accepted = sent.filter(({ isAccepted }) => isAccepted)
    return {
      gap: longestGap(sent, killedAt),
      refused: sent.length - accepted.length,
      unknown: accepted.filter(({ number }) => !numbers.has(number)).length,
    }
  } finally {
    await haproxy.stop()
    await victim.kill9()
    await other.stop()
  }
}
