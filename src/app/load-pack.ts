import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import { workerData } from 'node:worker_threads'
import { brotliDecompressSync } from 'node:zlib'

/** The packs by name, compressed, put here by the build of the main thread's program; the other threads are given theirs. */
declare const NUNCHI_PACKS: Readonly<Record<string, string>> | undefined

type Pack = Readonly<Record<string, unknown>>

const loaded = new Map<string, Pack>()

/**
 * The packages of a pack by their names, run once in each thread that asks. Only the build calls it, in place of `import()`: see
 * `scripts/packs.mjs`. Throws when this thread was not given the pack.
 * @public
 */
export function loadPack(name: string): Pack {
  const known = loaded.get(name)
  if (known) return known
  const compressed = carriedPacks()[name]
  if (compressed === undefined) throw new Error(`This thread has no pack named ${name}`)
  const text = brotliDecompressSync(Buffer.from(compressed, 'base64')).toString('utf8')
  const module: { exports: Pack } = { exports: {} }
  const run = compileFunction(text, ['module', 'exports', 'require'], { filename: `nunchi-pack-${name}.js` })
  run(module, module.exports, createRequire(process.execPath))
  loaded.set(name, module.exports)
  return module.exports
}

/** The packs that this thread carries, for itself and for the threads that it starts. */
export function carriedPacks(): Readonly<Record<string, string>> {
  if (typeof NUNCHI_PACKS !== 'undefined') return NUNCHI_PACKS
  return (workerData as { packs?: Readonly<Record<string, string>> } | null)?.packs ?? {}
}
