import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { type ReadMail, readMail } from './read-mail.ts'
import { TEST_CERTIFICATE } from './test-certificate.ts'

/** Where in the conversation something goes wrong. `data`: when all of the mail is there. */
type SmtpStage = 'connect' | 'login' | 'from' | 'to' | 'data'

/** What the server does instead of agreeing. A mail whose answer is dropped or withheld has been taken. */
export interface SmtpFault {
  readonly at: SmtpStage
  readonly does: { readonly reply: number; readonly text?: string } | 'drop' | 'hang'
  /** For `to`: only this recipient. */
  readonly recipient?: string
}

export interface ReceivedMail extends ReadMail {
  readonly from: string
  readonly to: readonly string[]
  readonly wasEncrypted: boolean
  readonly user: string | null
}

export interface SmtpReceiver {
  readonly port: number
  readonly mails: readonly ReceivedMail[]
  readonly connections: number
  /** What was wrong with mails; a right sender leaves none. */
  readonly problems: readonly string[]
  /** Holds from now on, until `forget`. */
  readonly plan: (fault: SmtpFault) => void
  readonly forget: () => void
  readonly close: () => Promise<void>
}

interface ReceiverOptions {
  readonly encryption?: 'tls' | 'starttls' | 'none'
  readonly login?: { readonly user: string; readonly password: string }
  readonly mostBytes?: number
}

type Done = (error?: Error | null) => void

/** A mail server of its own, with a certificate that only those trust who are told to. */
export async function startSmtpReceiver(options: ReceiverOptions = {}): Promise<SmtpReceiver> {
  const { encryption = 'none', login, mostBytes } = options
  let faults: SmtpFault[] = []
  let mails: ReceivedMail[] = []
  let problems: string[] = []
  let connections = 0
  const sockets = new Set<Socket>()

  const meet = (at: SmtpStage, done: Done, recipient?: string): void => {
    const fault = faults.find((each) => each.at === at && (each.recipient ?? recipient) === recipient)
    if (fault === undefined) done()
    else if (fault.does === 'drop') for (const socket of sockets) socket.destroy()
    else if (fault.does !== 'hang')
      done(Object.assign(new Error(fault.does.text ?? 'No'), { responseCode: fault.does.reply }))
  }

  const take = (raw: string, session: SMTPServerSession): void => {
    try {
      const { mailFrom, rcptTo } = session.envelope
      mails.push({
        ...readMail(raw),
        from: mailFrom === false ? '' : mailFrom.address,
        to: rcptTo.map(({ address }) => address),
        wasEncrypted: session.secure,
        user: session.user ?? null,
      })
    } catch (error) {
      problems.push(String(error))
    }
  }

  const server = new SMTPServer({
    ...TEST_CERTIFICATE,
    secure: encryption === 'tls',
    disabledCommands: [...(encryption === 'starttls' ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    authOptional: login === undefined,
    allowInsecureAuth: encryption === 'none',
    ...(mostBytes !== undefined && { size: mostBytes }),
    onConnect: (_session, done) => {
      connections += 1
      meet('connect', done)
    },
    onAuth: (auth, _session, done) => {
      const isRight = auth.username === login?.user && auth.password === login?.password
      meet('login', (error) => {
        if (error) done(error)
        else if (isRight) done(null, { user: auth.username })
        else done(Object.assign(new Error(`5.7.8 Not with the password ${auth.password}`), { responseCode: 535 }))
      })
    },
    onMailFrom: (_address, _session, done) => meet('from', done),
    onRcptTo: ({ address }, _session, done) => meet('to', done, address),
    onData: (stream, session, done) => {
      textOf(stream)
        .then((raw) => {
          const fault = faults.find(({ at }) => at === 'data')
          if (fault === undefined || typeof fault.does === 'string') take(raw, session)
          meet('data', done)
        })
        .catch((error: unknown) => problems.push(String(error)))
    },
  })
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  // A client that hangs up is what many tests are about.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    get mails() {
      return mails
    },
    get connections() {
      return connections
    },
    get problems() {
      return problems
    },
    plan: (fault) => faults.push(fault),
    forget: () => {
      faults = []
      mails = []
      problems = []
      connections = 0
    },
    close: async () => {
      const end = new Promise<void>((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await end
    },
  }
}

async function textOf(stream: SMTPServerDataStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
