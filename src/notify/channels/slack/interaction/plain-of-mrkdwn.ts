const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }

/** What a person typed, of the text that Slack made of it: links, mentions and escapes become plain words again. */
export function plainOfMrkdwn(text: string): string {
  return withoutEntities(text.replace(/<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g, wordsOf))
}

/** The same where Slack escapes characters and nothing else, as in commands. */
export function withoutEntities(text: string): string {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity)
}

function wordsOf(_all: string, mark: string, target: string, label: string | undefined): string {
  if (mark === '') return label === undefined || label === target ? target : `${label} (${target})`
  return `${mark === '#' ? '#' : '@'}${label?.replace(/^[@#]/, '') || target}`
}
