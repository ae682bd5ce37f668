import { parseNatsUrl } from '../../intake/delivery-log/stream/parse-nats-url.ts'
import type { ParsedFile } from './config-schema.ts'
import type { ConfigProblem } from './config-shape.ts'
import { halfCertificate, problemAt } from './problem-at.ts'
import type { Path } from './schema-paths.ts'
import type { TogetherContext } from './together-context.ts'

const URL_PATH: Path = ['nats', 'url']

/** Problems of the settings of the delivery log and of NATS: an address that leads nowhere or is missing, half a certificate, two logins. */
export function checkLog(context: TogetherContext, { log, nats }: ParsedFile): readonly ConfigProblem[] {
  return [
    ...urlProblems(context, nats),
    ...missingUrl(context, log, nats),
    ...halfCertificate(context, 'nats', nats.tls),
    ...twoLogins(context, nats),
  ]
}

type Nats = ParsedFile['nats']

function urlProblems(context: TogetherContext, { url }: Nats): readonly ConfigProblem[] {
  if (url === undefined) return []
  const parsed = parseNatsUrl(url.reveal())
  return parsed.ok ? [] : [problemAt(context, URL_PATH, parsed)]
}

function missingUrl(context: TogetherContext, log: ParsedFile['log'], { url }: Nats): readonly ConfigProblem[] {
  if (log.kind !== 'stream' || context.isSaid(URL_PATH) || url !== undefined) return []
  const problem = `is missing: ${context.nameOf(['log', 'kind'])} is \`stream\`, and nothing says where NATS is`
  return [
    { path: 'NATS_URL', problem, remedy: 'Set it to the addresses of the servers, such as `nats://127.0.0.1:4222`.' },
  ]
}

function twoLogins(context: TogetherContext, { url, credentials }: Nats): readonly ConfigProblem[] {
  const parsed = url === undefined ? null : parseNatsUrl(url.reveal())
  if (credentials === undefined || !parsed?.ok) return []
  if (parsed.value.user === null && parsed.value.token === null) return []
  const problem = `is set beside the login in ${context.nameOf(URL_PATH)}, and only one can say who we are`
  return [problemAt(context, ['nats', 'credentials'], { problem, remedy: 'Unset one of them.' })]
}
