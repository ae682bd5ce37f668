import { configJsonSchema } from './config-json-schema.ts'
import { settingsTables } from './settings-tables.ts'

const MARK = /<!-- settings: .* -->\n/

/** The JSON Schema as its file holds it. */
export function jsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`
}

/** A page with the tables of today behind its mark. Throws when the page has no mark. */
export function withSettingsTables(page: string): string {
  const mark = MARK.exec(page)
  if (mark === null) throw new Error('docs/configuration.md has lost the comment that begins with "<!-- settings:"')
  return `${page.slice(0, mark.index + mark[0].length)}\n${settingsTables()}\n`
}
