// Turns the limits that @slack/types only tells in words ("Maximum length for this field is 75 characters.") into
// keywords of JSON Schema. Reads a schema from standard input and writes the stricter one to standard output; README.md
// says where the first comes from.
import { text } from 'node:stream/consumers'

const schema = JSON.parse(await text(process.stdin))
limit(schema)
process.stdout.write(`${JSON.stringify(schema, withoutDescriptions, 2)}\n`)

function limit(node) {
  if (typeof node !== 'object' || node === null) return
  for (const child of Object.values(node)) limit(child)
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    if (typeof property.description === 'string') node.properties[name] = limited(property, property.description)
  }
}

function limited(property, said) {
  const items = numberIn(said, /Maximum number of (?:items|option groups|options) is (\d+)/i)
  const inItems = numberIn(said, /Maximum length for the text in each item is (\d+)/i)
  const length = inItems === null ? numberIn(said, /maximum length[^.]*?\s+is\s+(\d+)\s+characters/i) : null
  const holder = property.$ref !== undefined || property.anyOf !== undefined || property.type === 'object'
  return {
    ...(holder && length !== null ? { allOf: [property, { properties: { text: { maxLength: length } } }] } : property),
    ...(property.type === 'string' && length !== null && { maxLength: length }),
    ...(property.type === 'string' && /minimum length is 1/i.test(said) && { minLength: 1 }),
    ...(property.type === 'array' && items !== null && { maxItems: items }),
    ...(inItems !== null && { items: { allOf: [property.items, { properties: { text: { maxLength: inItems } } }] } }),
  }
}

function numberIn(said, pattern) {
  const found = pattern.exec(said)
  return found === null ? null : Number(found[1])
}

function withoutDescriptions(key, value) {
  return key === 'description' && typeof value === 'string' ? undefined : value
}
