import { SupervisedProgram } from './supervised-program.ts'
import { waitUntil } from './wait-until.ts'

/** What another program does with a database file of the product. */
export type HeldLock = 'write-lock' | 'long-read'

const SCRIPT = `
const { DatabaseSync } = require('node:sqlite')
const [path, kind] = process.argv.slice(1)
const db = new DatabaseSync(path)
db.exec('pragma busy_timeout = 20000')
db.exec(kind === 'write-lock' ? 'begin immediate' : 'begin')
// A read transaction begins with its first read.
db.prepare('select count(*) from sqlite_schema').get()
console.log('held')
process.on('SIGTERM', () => { db.exec('rollback'); db.close(); process.exit(0) })
setInterval(() => {}, 1000)
`

/** Has another process hold a lock of a SQLite file; the returned function lets go. */
export async function holdLock(path: string, kind: HeldLock): Promise<() => Promise<void>> {
  const args = ['--no-warnings', '-e', SCRIPT, path, kind]
  const program = new SupervisedProgram({ name: `the holder of a ${kind}`, command: process.execPath, args })
  const describe = () => program.logTail()
  await waitUntil(() => program.lines.includes('held'), { timeoutMs: 30_000, why: 'the lock is held', describe })
  return async () => void (await program.stop())
}
