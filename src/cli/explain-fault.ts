import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../app/config/config-shape.ts'
import { DataFolderInUseError } from '../app/instance-lock.ts'
import { UnreadableCertificateError } from '../app/read-pem.ts'
import { IncompatibleNeighbourError } from '../cluster/refuse-incompatible-neighbours.ts'
import { LogUnavailableError } from '../intake/delivery-log/delivery-log.ts'
import { DatabaseError, isPassingOutage } from '../store/dialects/database-error.ts'
import { NewerSchemaError } from '../store/migrate.ts'
import { CliFailure } from './cli-failure.ts'

interface Fault {
  readonly code?: unknown
  readonly errcode?: unknown
  readonly path?: unknown
  readonly syscall?: unknown
}

/**
 * What a fault while opening the product means for an operator, or null when it is none of the usual ones: then
 * it is a bug, and its stack belongs into the log.
 */
export function explainFault(error: unknown, config: Config): CliFailure | null {
  if (error instanceof CliFailure) return error
  if (error instanceof NewerSchemaError || error instanceof DataFolderInUseError) {
    return new CliFailure(error.message, '', { cause: error })
  }
  if (error instanceof IncompatibleNeighbourError)
    return new CliFailure(
      error.message,
      'Stop those nodes, then do this again. docs/cluster.md tells the order of an upgrade; a node that was killed counts as running for 10 seconds.',
      { cause: error },
    )
  if (error instanceof UnreadableCertificateError)
    return new CliFailure(error.message, 'Mount the file, and let the user that Nunchi runs as read it.', {
      cause: error,
    })
  if (error instanceof LogUnavailableError)
    return new CliFailure(error.message, 'Nothing is taken in without it: correct that, then start again.', {
      cause: error,
    })
  if (error instanceof DatabaseError) {
    const words = databaseWords(error)
    return words && new CliFailure(words[0], words[1], { cause: error })
  }
  const { code, errcode, path, syscall } = (error ?? {}) as Fault
  const listens = syscall === 'listen' || syscall === 'getaddrinfo' || syscall === 'bind'
  const words = listens
    ? listenWords(code, config)
    : typeof errcode === 'number'
      ? sqliteWords(errcode & 0xff, config)
      : fileWords(code, typeof path === 'string' ? path : config.dataDir)
  return words && new CliFailure(words[0], words[1], { cause: error })
}

type Words = readonly [message: string, remedy: string] | null

function databaseWords(error: DatabaseError): Words {
  const { message, fault, remedy } = error
  const again = 'Start again when it answers; whoever supervises Nunchi does that by itself.'
  if (isPassingOutage(error))
    return [remedy === undefined ? `The database went away in the middle: ${message}.` : message, again]
  if (remedy !== undefined) return [message, remedy]
  if (fault === 'busy')
    return [`Others keep the database busy: ${message}.`, 'Start again; if it stays so, look at what they do there.']
  return null
}

function listenWords(code: unknown, { host, port }: Config): Words {
  const other = 'choose another one with PORT or --port'
  switch (code) {
    case 'EADDRINUSE':
      return [`Port ${port} on ${host} is already in use.`, `Stop the program that listens there, or ${other}.`]
    case 'EACCES':
      return [`This user may not listen on port ${port}.`, `Ports below 1024 need a privilege: ${other}.`]
    case 'EADDRNOTAVAIL':
      return [
        `${host} is no address of this machine.`,
        'Set HOST to one of its addresses, or to 0.0.0.0 for all of them.',
      ]
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [
        `The name ${host} leads to no address.`,
        'Correct HOST: it is the address to listen on, such as 127.0.0.1.',
      ]
    default:
      return null
  }
}

function fileWords(code: unknown, path: string): Words {
  const other = 'Choose a folder that it may write to with NUNCHI_DATA_DIR or --data-dir.'
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return [`This user may not write to ${path}.`, `Let it, or choose another folder: ${other}`]
    case 'EROFS':
      return [`${path} is on a read-only file system.`, other]
    case 'ENOTDIR':
    case 'EEXIST':
      return [`${path} is not a folder.`, other]
    case 'ENOSPC':
    case 'EDQUOT':
      return [`The disk of ${path} is full.`, 'Make room, then start again: nothing that was acknowledged is lost.']
    case 'EMFILE':
      return ['Too many files are open.', 'Raise the limit of open files (ulimit -n) to 4096 or more.']
    default:
      return null
  }
}

const SQLITE_WORDS: Readonly<Record<number, (folder: string) => Words>> = {
  5: () => [
    'The database is held by another program.',
    'Wait until it is done, or stop it: only one Nunchi may use a data folder.',
  ],
  8: (folder) => [
    `The database in ${folder} is read-only for this user.`,
    'Let the user that Nunchi runs as write to the folder.',
  ],
  10: (folder) => [
    `The disk of ${folder} reports an error.`,
    'Look at the log of the kernel, and restore the folder elsewhere.',
  ],
  11: (folder) => [`The database in ${folder} is damaged.`, 'Restore the folder from a backup; keep the damaged one.'],
  13: (folder) => [
    `The disk of ${folder} is full.`,
    'Make room, then start again: nothing that was acknowledged is lost.',
  ],
  14: (folder) => [
    `The database in ${folder} cannot be opened.`,
    'Let the user that Nunchi runs as write to the folder, or choose another one with NUNCHI_DATA_DIR or --data-dir.',
  ],
  26: (folder) => [
    `A file in ${folder} is no database of Nunchi.`,
    'Name another folder or another DATABASE_URL, or move the file away.',
  ],
}

function sqliteWords(errcode: number, { database, dataDir }: Config): Words {
  const folder = database.kind === 'sqlite' ? dirname(database.path) : dataDir
  // SQLite only says that it may not; the folder itself knows why.
  const why = errcode === 8 || errcode === 14 ? whyNotWritable(folder) : null
  return (why === null ? null : fileWords(why, folder)) ?? SQLITE_WORDS[errcode]?.(folder) ?? null
}

function whyNotWritable(folder: string): unknown {
  try {
    accessSync(folder, constants.W_OK)
    return null
  } catch (error) {
    return (error as Fault).code
  }
}
