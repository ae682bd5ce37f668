import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { webhookBodySchema } from '../../src/notify/channels/webhook/body-schema.ts'
import { signBody } from '../../src/notify/channels/webhook/sign-body.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/webhook.md'), 'utf8')
const SECRET = '0123456789abcdef'
const BODY = '{"title":"한국어 🚨"}'
const SENT_AT_S = 1_767_614_400

interface Example {
  readonly isFromNunchi: (secret: string, headers: Headers, body: string, now: number) => boolean
}

function blockOf(language: string): string {
  const block = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(PAGE)?.[1]
  if (block === undefined) throw new Error(`docs/webhook.md has no example in ${language}`)
  return block
}

test('the body in docs/webhook.md is one that Nunchi could send', () => {
  const parsed = webhookBodySchema.strict().safeParse(JSON.parse(blockOf('json')))
  expect(parsed.error?.issues ?? []).toEqual([])
})

test('the example in TypeScript takes what is signed, and neither a forgery nor an old message', async () => {
  using folder = makeTempFolder('webhook-docs')
  const file = folder.write('example.ts', blockOf('ts'))
  const { isFromNunchi } = (await import(pathToFileURL(file).href)) as Example
  const headers = (signature: string) =>
    new Headers({ 'x-nunchi-timestamp': String(SENT_AT_S), 'x-nunchi-signature': signature })
  const right = headers(signBody(SECRET, SENT_AT_S, BODY))
  const soon = (SENT_AT_S + 10) * 1_000
  expect(isFromNunchi(SECRET, right, BODY, soon)).toBe(true)
  expect(isFromNunchi(SECRET, right, `${BODY} `, soon)).toBe(false)
  expect(isFromNunchi('another secret', right, BODY, soon)).toBe(false)
  expect(isFromNunchi(SECRET, right, BODY, soon + 600_000)).toBe(false)
  expect(isFromNunchi(SECRET, headers('v1=00'), BODY, soon)).toBe(false)
  expect(isFromNunchi(SECRET, new Headers(), BODY, soon)).toBe(false)
})
