// Writes what is generated from schemas: the JSON Schema of the configuration for editors, the tables of the docs, and
// the JSON Schema of outgoing webhooks. Run it after every change of a setting or of that body; a test fails when it
// was forgotten.
import { readFileSync, writeFileSync } from 'node:fs'
import { jsonSchemaText, withSettingsTables } from '../src/app/config/generated-documents.ts'
import { webhookBodyJsonSchemaText } from '../src/notify/channels/webhook/body-schema.ts'

const root = new URL('../', import.meta.url)
const page = new URL('docs/configuration.md', root)

writeFileSync(new URL('schemas/nunchi-config.schema.json', root), jsonSchemaText())
writeFileSync(new URL('schemas/nunchi-webhook.v1.schema.json', root), webhookBodyJsonSchemaText())
writeFileSync(page, withSettingsTables(readFileSync(page, 'utf8')))
