import * as z from 'zod'
import { secretText, setting } from './setting.ts'

export const LOG_KINDS = ['embedded', 'database', 'stream'] as const

/** More than any installation needs; the positions in the log have room for 1024. */
const MOST_PARTITIONS = 256

/** Where every request is kept before it is answered. */
export const LOG = z.strictObject({
  kind: setting(z.enum(LOG_KINDS).optional(), {
    about:
      'Where deliveries are kept before they are answered: `embedded` in a file of this machine, `database` in the database, `stream` in NATS JetStream.',
    env: 'NUNCHI_LOG',
    fromText: 'lowercase',
    otherwise: '`stream` where NATS_URL is set, else `database` where the database is a server, else `embedded`',
  }),
  partitions: setting(z.int().min(1).max(MOST_PARTITIONS).prefault(8), {
    about:
      'How many parts the log has, each folded by one node at a time: the most nodes that can share the work. Fixed when the log is made. `embedded` has one.',
    env: 'NUNCHI_LOG_PARTITIONS',
    fromText: 'integer',
  }),
  replicas: setting(z.int().min(1).max(5).optional(), {
    about: 'How many servers of NATS keep a copy of the log. With 3 any one may be lost.',
    env: 'NUNCHI_LOG_REPLICAS',
    fromText: 'integer',
    otherwise: '`3` where `nats.url` names three servers or more, else `1`',
  }),
  stream: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9-]{1,60}$/)
      .prefault('nunchi'),
    {
      about: 'What the names of the streams and subjects in NATS begin with. Two installations in one NATS need two.',
      env: 'NUNCHI_LOG_STREAM',
      remedy: 'Use letters, digits and `-`.',
    },
  ),
})

const TLS = z.strictObject({
  ca: setting(z.string().min(1).optional(), {
    about: 'The file (PEM) with the certificate of whoever issued those of the servers.',
    env: 'NATS_TLS_CA',
    otherwise: 'the authorities that Node trusts',
  }),
  cert: setting(z.string().min(1).optional(), {
    about: 'The file (PEM) with our own certificate, where the servers ask for one.',
    env: 'NATS_TLS_CERT',
  }),
  key: setting(z.string().min(1).optional(), {
    about: 'The file (PEM) with the key of our own certificate.',
    env: 'NATS_TLS_KEY',
  }),
})

/** Where NATS is. */
export const NATS = z.strictObject({
  url: setting(secretText().optional(), {
    about:
      'Where NATS JetStream is (2.9 or newer): `nats://` or `tls://`, with `user:password@` or `token@` where it asks for a login; the servers of a cluster with commas between them. It then keeps the delivery log.',
    env: 'NATS_URL',
    isSecret: true,
    examples: ['nats://nats-1:4222,nats://nats-2:4222,nats://nats-3:4222'],
  }),
  credentials: setting(z.string().min(1).optional(), {
    about: 'A credentials file (`.creds`) to log in with. It is read again at each connect, so that it may be renewed.',
    env: 'NATS_CREDENTIALS',
  }),
  tls: setting(TLS.prefault({}), { about: 'How the way to NATS is protected. Naming a file here means TLS.' }),
})
