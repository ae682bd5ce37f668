import { CONFIG_FILE } from './config-schema.ts'
import { CONFIG_FILE_VARIABLE, ENVIRONMENT_SETTINGS } from './read-environment.ts'
import { choicesOf, type ListedSetting, listSettings, type Path, pathText } from './schema-paths.ts'

/** The tables of `docs/configuration.md`: every variable and every key of the file, as Markdown. */
export function settingsTables(): string {
  const settings = listSettings(CONFIG_FILE).filter(({ facts }) => !facts.isHidden)
  return [variableTable(), ...SECTIONS.map((section) => sectionTable(section, settings))].join('\n\n')
}

/** Keys that are single values stand together; every map and list has a table of its own. */
const SECTIONS: readonly { readonly title: string; readonly keys: readonly string[] | null }[] = [
  { title: 'The installation', keys: null },
  { title: '`sources`: who sends alerts', keys: ['sources'] },
  { title: '`apiKeys`: who may use the API', keys: ['apiKeys'] },
  { title: '`people`: who may act from chat', keys: ['people'] },
  { title: '`slack`: where incidents are told', keys: ['slack'] },
  { title: '`workspaces`, `channels`: further places', keys: ['workspaces', 'channels'] },
  { title: '`routes`: who is told what', keys: ['routes'] },
  { title: '`quietHours`: when channels are left in peace', keys: ['quietHours'] },
  { title: '`heartbeat`: who is told that Nunchi is alive', keys: ['heartbeat'] },
  { title: '`threads`, `retention`, `intake`', keys: ['threads', 'retention', 'intake'] },
  { title: '`database`, `redis`', keys: ['database', 'redis'] },
  { title: '`log`, `nats`: where deliveries are kept before they are answered', keys: ['log', 'nats'] },
]

function variableTable(): string {
  const own = `| \`${CONFIG_FILE_VARIABLE}\` | | none | The configuration file (YAML). |`
  const rows = ENVIRONMENT_SETTINGS.filter(({ facts }) => !facts.isHidden).map((listed) => {
    const file = listed.facts.isSecret ? ` or \`${listed.env}_FILE\`` : ''
    return `| \`${listed.env}\`${file} | \`${keyOf(listed.path)}\` | ${defaultOf(listed)} | ${aboutOf(listed)} |`
  })
  return [
    '### Variables',
    '',
    '| Variable | Key of the file | Default | What it does |',
    '|---|---|---|---|',
    own,
    ...rows,
  ].join('\n')
}

function sectionTable({ title, keys }: (typeof SECTIONS)[number], settings: readonly ListedSetting[]): string {
  const isHere = ({ path, isLeaf }: ListedSetting) =>
    isLeaf && (keys === null ? path.length === 1 : path.length > 1 && keys.includes(String(path[0])))
  const rows = settings.filter(isHere).map((listed) => {
    const kind = listed.kind === undefined ? '' : ` (${listed.kind})`
    return `| \`${keyOf(listed.path)}\`${kind} | ${defaultOf(listed)} | ${aboutOf(listed)} |`
  })
  return [`### ${title}`, '', '| Key | Default | What it does |', '|---|---|---|', ...rows].join('\n')
}

function keyOf(path: Path): string {
  return pathText(path).replaceAll('.[]', '[]')
}

function defaultOf({ byDefault, facts, path, schema }: ListedSetting): string {
  if (byDefault !== undefined) return `\`${typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault)}\``
  if (facts.otherwise !== undefined) return cell(facts.otherwise)
  return path.includes('[]') && !schema.safeParse(undefined).success ? 'required' : 'none'
}

function aboutOf({ facts, schema }: ListedSetting): string {
  const example = facts.examples?.[0]
  const shown = typeof example === 'string' ? example : JSON.stringify(example)
  const choices = choicesOf(schema).map((choice) => `\`${choice}\``)
  const oneOf = choices.length === 0 ? '' : ` One of ${choices.join(', ')}.`
  return cell(facts.about + oneOf + (example === undefined ? '' : ` Example: \`${shown}\`.`))
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
