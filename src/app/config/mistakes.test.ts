import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { formatProblems } from './format-problems.ts'

const FOLDER = join(import.meta.dirname, 'mistakes')
const NAMES = [...new Set(readdirSync(FOLDER).map((file) => file.replace(/\.\w+$/, '')))].sort()
const SECRET_FILES: Readonly<Record<string, string>> = { '/run/secrets/empty': '\n', '/run/secrets/token': 'canary\n' }

/** Every secret of the fixtures has this in it: no message may. */
const CANARY = 'canary'

/** After a wanted change of words: `WRITE_MISTAKES=1 npx vitest run src/app/config`, then read the difference. */
const isWriting = process.env.WRITE_MISTAKES === '1'

function environmentOf(name: string): Record<string, string> {
  const file = join(FOLDER, `${name}.env`)
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  const variables = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  return existsSync(join(FOLDER, `${name}.yaml`)) ? { NUNCHI_CONFIG: `${name}.yaml`, ...variables } : variables
}

function readFixture(path: string): string {
  return SECRET_FILES[path] ?? readFileSync(path, 'utf8')
}

function messageFor(name: string): string {
  const read = readConfig({ env: environmentOf(name), readFile: readFixture, workingFolder: FOLDER })
  const message = read.ok ? 'No problem was found.' : formatProblems(read.problems)
  return message.replaceAll(FOLDER, '<folder>')
}

describe('a mistake in the configuration is told with its place and its remedy, without a secret', () => {
  for (const name of NAMES) {
    test(name.replaceAll('-', ' ').slice(3), () => {
      const message = messageFor(name)
      if (isWriting) writeFileSync(join(FOLDER, `${name}.txt`), message)
      expect(message).toBe(readFileSync(join(FOLDER, `${name}.txt`), 'utf8'))
      expect(message).not.toContain(CANARY)
    })
  }
})
