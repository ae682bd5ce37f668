import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { expect, test } from 'vitest'
import { sampleMessage, sampleResolution } from '../sample-incident-message.ts'
import { webhookBodyJsonSchemaText, webhookBodySchema } from './body-schema.ts'
import { signBody } from './sign-body.ts'
import { webhookBody, webhookBodyText } from './webhook-body.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const REMEDY = 'run `node scripts/write-config-documents.mjs && npx biome format --write schemas`'
const schemaFile = readFileSync(
  resolve(import.meta.dirname, '../../../../schemas/nunchi-webhook.v1.schema.json'),
  'utf8',
)

test(`the JSON Schema is that of today (otherwise ${REMEDY})`, () => {
  expect(JSON.parse(schemaFile)).toEqual(JSON.parse(webhookBodyJsonSchemaText()))
})

test('every body is as the JSON Schema promises, and may grow', () => {
  const ajv = new Ajv2020({ strict: false })
  formats.default(ajv)
  const validate = ajv.compile(JSON.parse(schemaFile) as object)
  const note = { by: 'Minji', text: 'Rolling back', at: NOW }
  const messages = [
    sampleMessage(),
    sampleResolution(),
    sampleMessage({
      message: { purpose: 'note', notes: [note], differing: [{ name: 'pod', values: ['a'], more: 3 }] },
    }),
    sampleMessage({
      message: { purpose: 'severity-raised', raisedFrom: 'warning', consoleUrl: 'https://n.example/1' },
    }),
    sampleMessage({ incident: { startedAt: -1e15, clearsAt: 9e15 } }),
  ]
  for (const message of messages) {
    const body = JSON.parse(webhookBodyText(webhookBody(message, NOW))) as object
    expect(validate({ ...body, laterField: 1 }), JSON.stringify(validate.errors)).toBe(true)
    expect(webhookBodySchema.strict().safeParse(body).success).toBe(true)
  }
  expect(validate({ ...webhookBody(sampleMessage(), NOW), event: 'exploded' })).toBe(false)
})

test('nothing inside of Nunchi shows: no tenant, no rule key, no mention', () => {
  const message = sampleMessage({
    incident: { tenantId: 'canary-1', ruleKey: 'canary-2', movedTo: 'canary-3' },
    message: { mentions: [{ kind: 'person', id: 'canary-4' }] },
  })
  expect(webhookBodyText(webhookBody(message, NOW))).not.toContain('canary')
})

test('text stays what the sender wrote, except what parsers and databases refuse', () => {
  const text = `<script> "quoted" \n 한국어 🚨 ${'\ud800'} \u0000`
  const body: unknown = JSON.parse(webhookBodyText(webhookBody(sampleMessage({ incident: { title: text } }), NOW)))
  expect(body).toMatchObject({ incident: { title: '<script> "quoted" \n 한국어 🚨 \ufffd \ufffd' } })
})

test('the signature covers version, time and body, as anyone can compute it', () => {
  // printf 'v1:1767614400:{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
  expect(signBody('0123456789abcdef', 1_767_614_400, '{"a":1}')).toBe(
    'v1=d76f1f9b89bd68b92fade86d984375cfd87290ffc8c3fbfd92c13c4f15800a61',
  )
})
