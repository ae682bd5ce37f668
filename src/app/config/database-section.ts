import * as z from 'zod'
import { SERVER_DEFAULTS, TLS_MODES } from '../../store/dialects/server/server-location.ts'
import { durationText, secretText, setting } from './setting.ts'

const TLS = z.strictObject({
  mode: setting(z.enum(TLS_MODES).optional(), {
    about:
      'How much TLS is wanted. `prefer` takes it where it is offered, `require` insists on it, `verify-ca` also checks the certificate, `verify-full` also the name in it.',
    env: 'DATABASE_TLS_MODE',
    fromText: 'lowercase',
    otherwise: '`verify-full` where `ca` is named, else `prefer`',
  }),
  ca: setting(z.string().min(1).optional(), {
    about: 'The file (PEM) with the certificate of whoever issued that of the server.',
    env: 'DATABASE_TLS_CA',
    otherwise: 'the authorities that Node trusts',
    examples: ['/etc/ssl/database-ca.pem'],
  }),
  cert: setting(z.string().min(1).optional(), {
    about: 'The file (PEM) with our own certificate, where the server asks for one.',
    env: 'DATABASE_TLS_CERT',
  }),
  key: setting(z.string().min(1).optional(), {
    about: 'The file (PEM) with the key of our own certificate.',
    env: 'DATABASE_TLS_KEY',
  }),
})

/** Where the database is, and how a server is talked to. */
export const DATABASE = z.strictObject({
  url: setting(secretText().optional(), {
    about:
      'Where the database is: `sqlite:` and the path of a file, or `mysql://`, `mariadb://` or `postgres://` with user, password, host, port and database. MySQL 8, MariaDB 10.6, PostgreSQL 14 and newer.',
    env: 'DATABASE_URL',
    isSecret: true,
    otherwise: '`sqlite:<dataDir>/nunchi.db`',
    examples: ['sqlite:/var/lib/nunchi/nunchi.db'],
  }),
  host: setting(z.string().min(1).optional(), {
    about: 'The host of a MySQL or MariaDB database, where no URL is given.',
    env: 'DB_HOST',
    otherwise: '`mysql`, when another of these five is set',
  }),
  port: setting(z.union([z.int(), z.string()]).optional(), { about: 'Its port.', env: 'DB_PORT', otherwise: '`3306`' }),
  user: setting(z.string().min(1).optional(), {
    about: 'The user to log in as.',
    env: 'DB_USER',
    otherwise: '`observer`',
  }),
  password: setting(secretText().optional(), { about: 'The password.', env: 'DB_PASSWORD', isSecret: true }),
  name: setting(z.string().min(1).optional(), {
    about: 'The name of the database.',
    env: 'DB_NAME',
    otherwise: '`observer`',
  }),
  tls: setting(TLS.prefault({}), { about: 'How the way to a database server is protected.' }),
  poolSize: setting(z.int().min(1).max(500).optional(), {
    about: 'Most connections to a database server from each of the two threads that use it.',
    env: 'DATABASE_POOL_SIZE',
    fromText: 'integer',
    otherwise: `\`${SERVER_DEFAULTS.poolSize}\``,
  }),
  connectTimeout: setting(durationText({ atLeast: '100ms', atMost: '60s' }).prefault('2s'), {
    about: 'Longest wait for a connection, be it a new one or one that is in use.',
    env: 'DATABASE_CONNECT_TIMEOUT',
  }),
  statementTimeout: setting(durationText({ atLeast: '100ms', atMost: '1h' }).prefault('5s'), {
    about: 'Longest time for one statement. With both times used up a sender is told to come again before it gives up.',
    env: 'DATABASE_STATEMENT_TIMEOUT',
  }),
})
