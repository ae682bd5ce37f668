import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly unknown[]
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, unknown>> }>
  >
  readonly requestBody?: { readonly required: boolean }
}
interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

let door: TestDoor
let document: Document
const operations = (): [name: string, operation: Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  )

beforeAll(async () => {
  door = await openTestDoor()
  document = (await door.get<Document>('/openapi.json')).body
})
afterAll(async () => await door.close())

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.1')
    expect(await new Validator().validate(structuredClone(document) as never)).toMatchObject({ valid: true })
  })

  test('names every operation once, with words, a group, its security and more than one answer', () => {
    const named = operations()
    expect(named.length).toBeGreaterThan(20)
    for (const [name, { operationId, summary, tags, security, responses }] of named) {
      expect({
        name,
        operationId: Boolean(operationId),
        summary: Boolean(summary),
        tags: tags?.length,
        security: Array.isArray(security),
      }).toEqual({ name, operationId: true, summary: true, tags: 1, security: true })
      expect(Object.keys(responses).length, name).toBeGreaterThan(2)
      for (const [status, { description }] of Object.entries(responses))
        expect(description, `${name} ${status}`).not.toBe('Default Response')
    }
    const ids = named.map(([, { operationId }]) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('describes every error as a problem', () => {
    // What orchestrators and system 2 ask has its own shape, sick or well.
    for (const [name, { responses }] of operations().filter(([each]) => each.includes('/api/'))) {
      for (const [status, { content }] of Object.entries(responses))
        if (Number(status) >= 400)
          expect(Object.keys(content ?? {}), `${name} ${status}`).toEqual(['application/problem+json'])
    }
  })

  test('says which bodies may be left away', () => {
    const bodyOf = (path: string) =>
      document.paths[`/api/v1/incidents/{incidentId}/${path}`]?.['post']?.requestBody?.required
    expect([bodyOf('acknowledge'), bodyOf('note'), bodyOf('assign')]).toEqual([false, true, true])
  })

  test('has no schema that nothing refers to, and none twice', () => {
    const text = JSON.stringify(document)
    for (const name of Object.keys(document.components.schemas)) {
      expect(text).toContain(`"#/components/schemas/${name}"`)
      expect(name).not.toMatch(/Input$/)
    }
  })
})

describe('the page of the document', () => {
  test('loads everything from here, and may load nothing else', async () => {
    const page = await door.server.inject({ url: '/docs' })
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/https?:|\*/)
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source)
    expect(sources).toEqual(['data:,', 'openapi.json', 'docs/reference.js', 'docs/start.js'])
    for (const source of sources.slice(1))
      expect((await door.server.inject({ url: `/${source}` })).statusCode, source).toBe(200)
  })

  test('is found with a slash at the end, too', async () => {
    const { statusCode, headers } = await door.server.inject({ url: '/docs/' })
    expect([statusCode, headers.location]).toEqual([301, '../docs'])
  })
})
