import { runClosedLoop } from './support/load/closed-loop.ts'
import type { LoadOutcome, LoadSpec } from './support/load/load-spec.ts'
import { runOpenLoop } from './support/load/open-loop.ts'

// The generator is a process of its own: it shares neither event loop nor garbage collector with anybody.
process.once('message', (spec: LoadSpec) => {
  run(spec).then(
    (outcome) => process.send?.({ outcome }, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: String(error) }, () => process.disconnect()),
  )
})

function run(spec: LoadSpec): Promise<LoadOutcome> {
  return spec.loop.kind === 'closed' ? runClosedLoop(spec, spec.loop) : runOpenLoop(spec, spec.loop)
}
