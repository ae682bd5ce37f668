// Makes dist/nunchi.js: the whole product as one file that runs alone, anywhere there is a Node.
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { ROOT } from './runtime/root.mjs'

// CommonJS packages inside an ES module still ask for these three.
const COMMONJS_NAMES = [
  'import{createRequire as __nunchiRequire}from"node:module"',
  'import{fileURLToPath as __nunchiPath}from"node:url"',
  'import{dirname as __nunchiDir}from"node:path"',
  'const require=__nunchiRequire(import.meta.url),__filename=__nunchiPath(import.meta.url),__dirname=__nunchiDir(__filename);',
].join(';')

const FOLDER = join(ROOT, 'dist')

/** Runs `load-api-reference.ts` now and leaves only its result in the bundle. */
const BAKED_API_REFERENCE = {
  name: 'baked-api-reference',
  setup(bundler) {
    bundler.onLoad({ filter: /[/\\]load-api-reference\.ts$/ }, async ({ path }) => {
      const { loadApiReference } = await import(path)
      const baked = JSON.stringify((await loadApiReference()).toString('base64'))
      return { contents: `export const loadApiReference = async () => Buffer.from(${baked}, 'base64')`, loader: 'js' }
    })
  },
}

try {
  await buildBundle()
} catch (error) {
  // esbuild has already printed the errors that it found in the sources.
  if (!Array.isArray(error?.errors)) throw error
  process.exitCode = 1
}

async function buildBundle() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli/main.ts'],
    outfile: join(FOLDER, 'nunchi.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    // Class and function names appear in logs and error replies.
    keepNames: true,
    sourcemap: true,
    legalComments: 'none',
    plugins: [BAKED_API_REFERENCE],
    banner: { js: `#!/usr/bin/env node\n${COMMONJS_NAMES}` },
    logLevel: 'warning',
    write: false,
  })
  mkdirSync(FOLDER, { recursive: true })
  // Renamed into place: a server that starts meanwhile reads the old bundle or the new one, never half of one.
  for (const file of outputFiles.toSorted((a, b) => b.path.length - a.path.length)) {
    const draft = join(FOLDER, `.${basename(file.path)}.${process.pid}`)
    writeFileSync(draft, file.contents)
    if (file.path.endsWith('.js')) chmodSync(draft, 0o755)
    renameSync(draft, file.path)
  }
  const megabytes = (outputFiles.find((file) => file.path.endsWith('.js')).contents.length / 1e6).toFixed(1)
  console.log(`dist/nunchi.js ${megabytes} MB`)
}
