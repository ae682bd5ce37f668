import { parseArgs } from 'node:util'
import { DEFAULT_CHANNEL, startFakeSlack } from './fake-slack.ts'

const HELP = `A strict fake Slack as a process of its own.
  node test/support/fake-slack/main.ts [--port 0] [--limits slack|off] [--channel C0123456789]...
Prints one JSON line with its URLs; listens to GET and POST /_control/... ; ends on SIGTERM.`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    limits: { type: 'string', default: 'slack' },
    channel: { type: 'string', multiple: true, default: [DEFAULT_CHANNEL] },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(HELP)
} else {
  const slack = await startFakeSlack({
    port: Number(values.port),
    limits: values.limits === 'off' ? 'off' : 'slack',
    channels: values.channel.map((id) => ({ id })),
  })
  console.log(
    JSON.stringify({ apiUrl: slack.apiUrl, webhookUrl: slack.webhookUrl(values.channel[0]), port: slack.port }),
  )
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void slack.close())
}
