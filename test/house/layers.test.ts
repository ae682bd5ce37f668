import { describe, expect, test } from 'vitest'
import { typeScriptFilesIn } from './house-files.ts'
import { importCycles, layerViolations } from './layer-rules.ts'

const sources = typeScriptFilesIn('src')

describe('the rooms of src/', () => {
  test('are there to be checked', () => {
    expect(sources.length).toBeGreaterThan(50)
  })

  test('import only themselves and what is left of them', () => {
    expect(layerViolations(sources)).toEqual([])
  })

  test('have no import circle, types included', () => {
    expect(importCycles(sources)).toEqual([])
  })
})

describe('the layer rule', () => {
  const cases: readonly [path: string, specifier: string, isAllowed: boolean, why: string][] = [
    ['src/domain/alert.ts', './severity.ts', true, 'the domain imports itself'],
    ['src/domain/alert.ts', 'node:crypto', false, 'the domain does no I/O'],
    ['src/domain/alert.ts', 'zod', false, 'the domain has no dependencies'],
    ['src/domain/alert.ts', '../store/schema.ts', false, 'the domain knows nobody'],
    ['src/domain/alert.test.ts', 'vitest', true, 'a test needs its library'],
    ['src/domain/alert.test.ts', '../store/schema.ts', false, 'a test keeps to the rooms as well'],
    ['src/domain/alert.ts', '../../package.json', false, 'the domain does not read files'],
    ['src/store/schema.ts', '../domain/alert.ts', true, 'left of it'],
    ['src/store/schema.ts', 'kysely', true, 'packages are the business of the linter'],
    ['src/jobs/enqueue.ts', '../auth/roles.ts', false, 'jobs and auth are siblings'],
    ['src/intake/consume.ts', '../jobs/enqueue.ts', true, 'left of it'],
    ['src/intake/sources/grafana/parse.ts', '../../consume.ts', true, 'the same room, from deep inside'],
    ['src/intake/sources/grafana/parse.ts', '../../../incidents/fold-events.ts', false, 'middle rooms are siblings'],
    ['src/notify/routing.ts', '../app/config.ts', false, 'upwards'],
    ['src/app/build-app.ts', '../notify/routing.ts', true, 'the composition root knows the middle'],
    ['src/app/build-app.ts', '../http/server.ts', false, 'doors come after it'],
    ['src/app/version.ts', '../../package.json', true, 'the version is written there'],
    ['src/app/version.ts', '../../test/support/free-port.ts', false, 'tests are not shipped'],
    ['src/http/server.ts', '../app/build-app.ts', true, 'doors open onto it'],
    ['src/cli/main.ts', '../lambda/handler.ts', false, 'doors do not know each other'],
    ['src/cli/main.ts', '../elsewhere/a.ts', false, 'an unknown room'],
    ['src/elsewhere/a.ts', './b.ts', false, 'an unknown room'],
    ['src/main.ts', './cli/main.ts', false, 'nothing lives outside of the rooms'],
  ]

  for (const [path, specifier, isAllowed, why] of cases) {
    test(`${path} → ${specifier} is ${isAllowed ? 'allowed' : 'refused'} (${why})`, () => {
      const violations = layerViolations([{ path, text: `import type { A } from '${specifier}'\n` }])
      expect(violations).toHaveLength(isAllowed ? 0 : 1)
    })
  }
})

describe('the circle check', () => {
  const file = (path: string, ...imports: readonly string[]) => ({
    path: `src/store/${path}`,
    text: imports.map((target) => `import type { A } from './${target}'\n`).join(''),
  })

  test('finds a circle of types over three files and in which files it is', () => {
    const files = [file('a.ts', 'b.ts'), file('b.ts', 'c.ts', 'd.ts'), file('c.ts', 'a.ts'), file('d.ts')]
    expect(importCycles(files)).toEqual([['src/store/a.ts', 'src/store/b.ts', 'src/store/c.ts']])
  })

  test('finds a file that imports itself', () => {
    expect(importCycles([file('a.ts', 'a.ts')])).toEqual([['src/store/a.ts']])
  })

  test('takes two ways to the same file for no circle', () => {
    expect(
      importCycles([file('a.ts', 'b.ts', 'c.ts'), file('b.ts', 'd.ts'), file('c.ts', 'd.ts'), file('d.ts')]),
    ).toEqual([])
  })
})
