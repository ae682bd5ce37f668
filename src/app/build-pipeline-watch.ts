import { DeadManSwitches } from '../intake/dead-man/dead-man-switches.ts'
import { Heartbeat } from '../intake/dead-man/heartbeat.ts'
import type { DeadManSwitch } from '../intake/dead-man/judge-switches.ts'
import { PipelineProof } from '../intake/dead-man/pipeline-proof.ts'
import { PipelineWatch } from '../intake/dead-man/pipeline-watch.ts'
import type { Config } from './config/config-shape.ts'
import { addressPolicyOf, outgoingHttp } from './outgoing-http.ts'
import type { WatchParts } from './watch-parts.ts'

/** A test leaves a delivery and costs a few small reads. */
const TEST_EVERY_MS = 15_000
/** Where nothing is watched, only what an earlier configuration left behind is cleared away. */
const RARELY_MS = 3_600_000

/** What the product watches about itself and its senders; null for a part that the configuration does not ask for. */
export interface PipelineWatching {
  readonly heartbeat: Heartbeat | null
  readonly watch: PipelineWatch | null
  readonly close: () => Promise<void>
}

/** Starts the self-tests, the dead-man's switches and the outgoing heartbeat, as far as the configuration asks for them. */
export function buildPipelineWatch(config: Config, parts: WatchParts): PipelineWatching {
  const { once, logger, newId, now } = parts
  const deps = { ...parts, tenantId: config.tenantId, newRequestId: () => `self-${newId(now())}` }
  const switches = new DeadManSwitches(switchesOf(config), deps)
  const heartbeat = heartbeatOf(config, parts)
  if (heartbeat === null && switchesOf(config).length === 0) {
    const clearing = once('clear-switches', RARELY_MS, () => switches.judge(now()))
    return { heartbeat, watch: null, close: () => clearing.close() }
  }
  const watch = new PipelineWatch(
    { proof: new PipelineProof(deps), switches, heartbeat },
    {
      once,
      everyMs: Math.min(TEST_EVERY_MS, config.heartbeat?.everyMs ?? TEST_EVERY_MS),
      onFault: (error) => logger.warn({ err: error }, 'The pipeline could not be tested'),
    },
  )
  return { heartbeat, watch, close: () => watch.close() }
}

function heartbeatOf({ heartbeat }: Config, { now }: WatchParts): Heartbeat | null {
  if (heartbeat === null) return null
  const { method, everyMs, timeoutMs } = heartbeat
  const ask = outgoingHttp(addressPolicyOf(heartbeat))
  return new Heartbeat({ url: new URL(heartbeat.url.reveal()), method, everyMs, timeoutMs }, { ask, now })
}

function switchesOf({ sources }: Config): readonly DeadManSwitch[] {
  return sources.flatMap(({ name: source, watchdog, silentAfterMs }) => [
    ...(watchdog === null ? [] : [{ kind: 'watchdog', source, afterMs: watchdog.afterMs } as const]),
    ...(silentAfterMs === null ? [] : [{ kind: 'silence', source, afterMs: silentAfterMs } as const]),
  ])
}
