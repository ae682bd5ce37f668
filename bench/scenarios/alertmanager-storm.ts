import { startAlertmanager } from '../../test/support/run-alertmanager.ts'
import type { Bench, Figure, Scenario } from '../support/figure.ts'
import { interleave } from '../support/interleave.ts'
import { logStateOf, waitUntilFolded } from '../support/log-state.ts'
import { usageOf } from '../support/process-usage.ts'
import { startProduct } from '../support/start-product.ts'

const PER_PUSH = 500

/** The whole way that an alert takes in the field: pushed to Alertmanager, grouped there, told to Nunchi, folded. */
export const alertmanagerStormScenario: Scenario = {
  name: 'alertmanager-storm',
  about: '10,000 groups through a real Alertmanager into Nunchi: time until all are folded',
  run: async (bench) => {
    const { rounds } = await interleave(bench, { rounds: () => stormRound(bench) })
    return [
      {
        name: '10,000 groups: pushed to folded',
        unit: 's',
        values: rounds.map(({ seconds }) => seconds),
        remark: 'of these Alertmanager waits 1 s to group',
      },
      { name: '10,000 groups: deliveries', unit: '', values: rounds.map(({ deliveries }) => deliveries) },
      { name: '10,000 groups: incidents', unit: '', values: rounds.map(({ incidents }) => incidents) },
      { name: '10,000 groups: CPU of Nunchi', unit: 'ms/group', values: rounds.map(({ cpuMs }) => cpuMs) },
      {
        name: '10,000 groups: CPU of Alertmanager',
        unit: 'ms/group',
        values: rounds.map(({ senderCpuMs }) => senderCpuMs),
      },
    ] satisfies readonly Figure[]
  },
}

interface Round {
  readonly seconds: number
  readonly deliveries: number
  readonly incidents: number
  readonly cpuMs: number
  readonly senderCpuMs: number
}

async function stormRound(bench: Bench): Promise<Round> {
  const groups = bench.isQuick ? 1_000 : 10_000
  const product = await startProduct(bench)
  const alertmanager = await startAlertmanager({ config: configOf(product.port), args: ['--log.level=error'] })
  try {
    const before = { at: performance.now(), cpuMs: usageOf(product.pid).cpuMs }
    for (let from = 0; from < groups; from += PER_PUSH)
      await alertmanager.pushAlerts(alertsOf(from, Math.min(groups, from + PER_PUSH)))
    const foldedAt = await waitUntilFolded(product.dataDir, groups)
    const { stored, incidents } = logStateOf(product.dataDir)
    return {
      seconds: (foldedAt - before.at) / 1000,
      deliveries: stored,
      incidents,
      cpuMs: (usageOf(product.pid).cpuMs - before.cpuMs) / groups,
      senderCpuMs: usageOf(alertmanager.pid).cpuMs / groups,
    }
  } finally {
    await alertmanager.stop()
    await product.stop()
    product.remove()
  }
}

function alertsOf(
  from: number,
  to: number,
): Parameters<Awaited<ReturnType<typeof startAlertmanager>>['pushAlerts']>[0] {
  return Array.from({ length: to - from }, (_, index) => {
    const name = `Group${String(from + index).padStart(5, '0')}`
    const labels = {
      alertname: name,
      severity: 'warning',
      service: 'checkout',
      cluster: 'cluster-1',
      instance: `node-${index}.example.com:9100`,
    }
    return {
      labels,
      annotations: { summary: `${name} fails`, description: `The probe of node-${index}.example.com fails.` },
      startsAt: new Date().toISOString(),
    }
  })
}

function configOf(port: number): string {
  return `
route: { receiver: nunchi, group_by: [alertname], group_wait: 1s, group_interval: 1h, repeat_interval: 12h }
receivers: [{ name: nunchi, webhook_configs: [{ url: 'http://127.0.0.1:${port}/webhook/alertmanager', send_resolved: true }] }]
`
}
