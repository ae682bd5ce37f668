// Makes dist/nunchi.js: the whole product as one file that runs alone, anywhere there is a Node.
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { buildPacks, packedImports } from './packs.mjs'
import { ROOT } from './runtime/root.mjs'

/** CommonJS packages inside an ES module still ask for these three. */
const COMMONJS_NAMES = [
  'import{createRequire as __nunchiRequire}from"node:module"',
  'import{fileURLToPath as __nunchiPath}from"node:url"',
  'import{dirname as __nunchiDir}from"node:path"',
  'const require=__nunchiRequire(import.meta.url),__filename=__nunchiPath(import.meta.url),__dirname=__nunchiDir(__filename);',
].join(';')

const FOLDER = join(ROOT, 'dist')

const BUNDLE = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Names stay as written: they appear in logs and error replies. Shorter ones with `keepNames` would make a file that is
  // smaller and a program that is larger and slower, since every function is then named anew each time it is made.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
}

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
    ...BUNDLE,
    entryPoints: ['src/cli/main.ts'],
    outfile: join(FOLDER, 'nunchi.js'),
    sourcemap: true,
    define: {
      NUNCHI_THREADS: JSON.stringify(await threadModules()),
      NUNCHI_PACKS: JSON.stringify(await buildPacks(BUNDLE)),
    },
    plugins: [BAKED_API_REFERENCE, packedImports(() => undefined)],
    banner: { js: `#!/usr/bin/env node\n${COMMONJS_NAMES}` },
  })
  for (const { path, text } of outputFiles) if (path.endsWith('.js')) refuseWideText('the bundle', text)
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

/**
 * A single character beyond Latin-1 makes the runtime keep the whole text in two bytes a character. Texts are escaped by
 * the bundler; a regular expression has to be written with an escape.
 */
function refuseWideText(name, text, isWide = /[^\0-\xff]/) {
  const wide = isWide.exec(text)
  if (wide === null) return
  const where = text.slice(Math.max(0, wide.index - 60), wide.index + 20)
  throw new Error(`A character in ${name} would double its memory; write it as \\u{…}: ${where}`)
}

/**
 * Each thread's program by its role, gzipped, and the packs that it may load: a thread that began at the whole bundle would keep all of it in
 * memory, four times.
 */
async function threadModules() {
  const { THREAD_MODULES } = await import('../src/app/thread-modules.ts')
  const modules = await Promise.all(
    Object.entries(THREAD_MODULES).map(async ([role, { file, run }]) => {
      const packs = new Set()
      const { outputFiles } = await build({
        ...BUNDLE,
        plugins: [packedImports((pack) => packs.add(pack))],
        stdin: {
          contents: `import { ${run} } from './${posix.join('src/app', file)}'; void ${run}()`,
          resolveDir: ROOT,
          loader: 'ts',
        },
        // Without a name of its own the module's whole text would stand in every line of a stack trace.
        footer: { js: `//# sourceURL=nunchi-${role}.js` },
        // A thread runs its program as a script.
        format: 'cjs',
      })
      // Its text is read byte by byte as characters.
      refuseWideText(role, outputFiles[0].text, /[^\0-\x7f]/)
      const gzipped = gzipSync(outputFiles[0].contents, { level: 9 }).toString('base64')
      return [role, { gzipped, packs: [...packs].sort() }]
    }),
  )
  return Object.fromEntries(modules)
}
