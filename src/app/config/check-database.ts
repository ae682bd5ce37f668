import { parseDatabaseUrl } from '../../store/database-url.ts'
import { asksForMysql, portOf } from './build-database.ts'
import type { ParsedFile } from './config-schema.ts'
import type { ConfigProblem } from './config-shape.ts'
import { halfCertificate, problemAt } from './problem-at.ts'
import type { Path } from './schema-paths.ts'
import type { TogetherContext } from './together-context.ts'

const URL_PATH: Path = ['database', 'url']
const MYSQL_PATHS = ['host', 'user', 'password', 'name'].map((key): Path => ['database', key])

/** Problems of the database's settings: an address that leads nowhere, two addresses, half a certificate. */
export function checkDatabase(context: TogetherContext, { database }: ParsedFile): readonly ConfigProblem[] {
  return [
    ...urlProblems(context, database),
    ...twoAddresses(context, database),
    ...portProblems(context, database),
    ...halfCertificate(context, 'database', database.tls),
  ]
}

type Database = ParsedFile['database']

function urlProblems(context: TogetherContext, { url }: Database): readonly ConfigProblem[] {
  if (url === undefined) return []
  const parsed = parseDatabaseUrl(url.reveal())
  return parsed.ok ? [] : [problemAt(context, URL_PATH, parsed)]
}

function twoAddresses(context: TogetherContext, database: Database): readonly ConfigProblem[] {
  const said = MYSQL_PATHS.filter(context.isSaid)
  const [first] = said
  if (database.url === undefined || first === undefined) return []
  const names = said.map(context.nameOf).join(', ')
  const problem = `is set beside ${context.nameOf(URL_PATH)}, and only one can say where the database is (set: ${names})`
  return [problemAt(context, first, { problem, remedy: `Unset ${context.nameOf(URL_PATH)}, or the others.` })]
}

function portProblems(context: TogetherContext, database: Database): readonly ConfigProblem[] {
  if (!asksForMysql(database) || portOf(database.port) !== null) return []
  const problem = `is \`${String(database.port).slice(0, 40)}\`, which is no port`
  return [
    problemAt(context, ['database', 'port'], { problem, remedy: 'Write a number from 1 to 65535, such as 3306.' }),
  ]
}
