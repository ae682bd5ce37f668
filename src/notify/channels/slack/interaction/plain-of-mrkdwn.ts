const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }

/** What a person typed, of the text that Slack made of it: links, mentions and escapes become plain words again. */
export function plainOfMrkdwn(text: string): string {
  return text
    .replace(/<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g, (_all, mark: string, target: string, label: string | undefined) => {
      if (mark === '') return label === undefined || label === target ? target : `${label} (${target})`
      return `${mark === '#' ? '#' : '@'}${label?.replace(/^[@#]/, '') || target}`
    })
    .replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity)
}
