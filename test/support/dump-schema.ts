import { askDatabase } from './ask-database.ts'

/**
 * The schema of a database as text that is the same for the same schema: tables with their columns, indexes and views in the order
 * of their names. Asked from the catalogue, so that it needs none of the servers' own tools.
 */
export async function dumpSchema(url: string): Promise<string> {
  if (url.startsWith('sqlite:')) return await dumpSqlite(url)
  return url.startsWith('mysql:') ? await dumpMysql(url) : await dumpPostgres(url)
}

async function dumpSqlite(url: string): Promise<string> {
  const rows = await askDatabase(
    url,
    "select type, name, sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by tbl_name, type desc, name",
  )
  return joined(rows.map(({ sql }) => `${oneSpaced(String(sql))};`))
}

async function dumpMysql(url: string): Promise<string> {
  const tables = await askDatabase(
    url,
    'select table_name as name, table_type as type from information_schema.tables where table_schema = database() order by table_name',
  )
  const parts: string[] = []
  for (const { name, type } of tables) {
    const isView = type === 'VIEW'
    const [row] = await askDatabase(url, `show create ${isView ? 'view' : 'table'} \`${name}\``)
    const text = String(row?.[isView ? 'Create View' : 'Create Table'])
    parts.push(`${isView ? plainView(text) : text.replace(/ DEFAULT CHARSET=.*$/, '')};`)
  }
  return joined(parts)
}

/** Without the name of the database and of whoever made the view. */
function plainView(text: string): string {
  return text
    .replace(/ALGORITHM=\w+ DEFINER=\S+ SQL SECURITY \w+ /, '')
    .replace(/`\w+`\.`(\w+)`\.`/g, '`$1`.`')
    .replace(/from `\w+`\.`(\w+)`/g, 'from `$1`')
    .replace(/\(`\w+`\.`(\w+)` `(\w+)` join `\w+`\.`(\w+)` `(\w+)`/g, '(`$1` `$2` join `$3` `$4`')
}

async function dumpPostgres(url: string): Promise<string> {
  const columns = await askDatabase(
    url,
    `select c.relname as name, string_agg('  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || case when co.collname is null or co.collname = 'default' then '' else ' collate "' || co.collname || '"' end
        || case when a.attnotnull then ' not null' else '' end
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''), E',\\n' order by a.attnum) as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_collation co on co.oid = a.attcollation left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by c.relname order by c.relname`,
  )
  const indexes = await askDatabase(
    url,
    "select tablename as name, indexdef as text from pg_indexes where schemaname = 'public' order by tablename, indexname",
  )
  const views = await askDatabase(
    url,
    "select viewname as name, definition as text from pg_views where schemaname = 'public' order by viewname",
  )
  const ofTable = (name: unknown) => indexes.filter((index) => index.name === name).map(({ text }) => `${text};`)
  return joined([
    ...columns.map(({ name, columns: list }) => [`create table ${name} (\n${list});`, ...ofTable(name)].join('\n')),
    ...views.map(({ name, text }) => `create view ${name} as${text}`),
  ])
}

function oneSpaced(sql: string): string {
  return sql.replace(/\s+/g, ' ').replace(/, /g, ',\n  ')
}

function joined(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`
}
