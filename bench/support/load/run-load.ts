import { fork } from 'node:child_process'
import { resolve } from 'node:path'
import type { LoadOutcome, LoadSpec } from './load-spec.ts'

type Answer = { readonly outcome: LoadOutcome } | { readonly error: string }

/** Runs one load in a process of its own. Fails when a connection broke: then nothing was measured. */
export async function runLoad(spec: LoadSpec): Promise<LoadOutcome> {
  const child = fork(resolve(import.meta.dirname, '../../load-generator.ts'), { stdio: 'inherit' })
  const answer = await new Promise<Answer>((done, fail) => {
    child.once('message', (message) => done(message as Answer))
    child.once('error', fail)
    child.once('exit', (code) => fail(new Error(`The load generator ended with code ${code} and no answer`)))
    child.send(spec)
  })
  if ('error' in answer) throw new Error(`The load generator failed: ${answer.error}`)
  const { broken, refused, sent } = answer.outcome
  if (broken + refused > 0)
    throw new Error(`Of ${sent} requests ${refused} were refused and ${broken} broken: nothing was measured`)
  return answer.outcome
}
