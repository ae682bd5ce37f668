// Writes what is generated from the configuration's schema: the JSON Schema for editors and the tables of the docs.
// Run it after every change of a setting; a test fails when it was forgotten.
import { readFileSync, writeFileSync } from 'node:fs'
import { jsonSchemaText, withSettingsTables } from '../src/app/config/generated-documents.ts'

const root = new URL('../', import.meta.url)
const page = new URL('docs/configuration.md', root)

writeFileSync(new URL('schemas/nunchi-config.schema.json', root), jsonSchemaText())
writeFileSync(page, withSettingsTables(readFileSync(page, 'utf8')))
