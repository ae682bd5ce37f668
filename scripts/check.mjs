// Everything that can be known without running the product. With --fix, formatting and safe lint fixes are applied.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './runtime/root.mjs'

const isFixing = process.argv.includes('--fix')

// Biome colours what it writes into files and pipes, too, unless told not to.
const colours = process.stdout.isTTY ? [] : ['--colors=off']

const STEPS = [
  { name: 'types', command: 'tsc', args: ['-p', '.'] },
  { name: 'format and lint', command: 'biome', args: [...(isFixing ? ['check', '--write'] : ['ci']), ...colours, '.'] },
  { name: 'dead code', command: 'knip', args: ['--no-progress'] },
]

const failed = STEPS.filter(({ name, command, args }) => {
  console.log(`\n── ${name}: ${command} ${args.join(' ')}`)
  const program = join(ROOT, 'node_modules/.bin', command)
  const isWindows = process.platform === 'win32'
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', shell: isWindows })
  if (error !== undefined) console.error(`${command} does not start: ${error.message}`)
  return status !== 0
})

if (failed.length === 0) {
  console.log('\ncheck: everything is in order')
} else {
  console.log(`\ncheck: not in order: ${failed.map(({ name }) => name).join(', ')}`)
  if (!isFixing) console.log('`npm run check -- --fix` repairs what can be repaired mechanically.')
  process.exitCode = 1
}
