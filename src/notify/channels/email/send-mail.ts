import { Readable } from 'node:stream'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { MailEncryption } from './mail-encryption.ts'

/** The server, and who speaks to it. */
export interface MailServer {
  readonly host: string
  readonly port: number
  readonly encryption: MailEncryption
  readonly login: { readonly user: string; readonly password: string } | null
  readonly timeoutMs: number
  /** Certificates that are trusted instead of the system's; tests only. */
  readonly ca?: string
}

export interface MailEnvelope {
  readonly from: string
  readonly to: readonly string[]
}

/** A reply of the server: its code, and the finer one (RFC 3463) where it gave one. Never its words: they may repeat ours. */
export interface SmtpReply {
  readonly code: number
  readonly enhanced: string
}

/** What came of a mail. */
export type SmtpResult =
  | { readonly kind: 'taken'; readonly refused: readonly { readonly address: string; readonly reply: SmtpReply }[] }
  | { readonly kind: 'refused'; readonly command: string; readonly reply: SmtpReply }
  /** `wasWritten`: all of it had been sent, so the server may have taken it. */
  | { readonly kind: 'broken'; readonly code: string; readonly wasWritten: boolean }

/** The part of the errors of the library that is read here. */
interface SmtpError {
  readonly code?: unknown
  readonly originalCode?: unknown
  readonly command?: unknown
  readonly response?: unknown
  readonly responseCode?: unknown
}

/** Hands one mail to the server, over a connection of its own. Never throws; stops when the signal says so, or the time is over. */
export async function sendMail(
  server: MailServer,
  envelope: MailEnvelope,
  mail: Buffer,
  stop: AbortSignal,
): Promise<SmtpResult> {
  if (stop.aborted) return { kind: 'broken', code: 'STOPPED', wasWritten: false }
  const timeout = AbortSignal.timeout(server.timeoutMs)
  const signal = AbortSignal.any([stop, timeout])
  // Only installations that send mail pay for the library.
  const { default: Connection } = await import('nodemailer/lib/smtp-connection')
  const connection = new Connection(optionsOf(server))
  const written = { all: false }
  try {
    return await converse(connection, { server, envelope, mail, signal, written })
  } catch (error) {
    connection.close()
    if (stop.aborted) return { kind: 'broken', code: 'STOPPED', wasWritten: written.all }
    if (timeout.aborted) return { kind: 'broken', code: 'ETIMEDOUT', wasWritten: written.all }
    return resultOf(error as SmtpError, written.all)
  }
}

interface Conversation {
  readonly server: MailServer
  readonly envelope: MailEnvelope
  readonly mail: Buffer
  readonly signal: AbortSignal
  readonly written: { all: boolean }
}

async function converse(connection: SMTPConnection, conversation: Conversation): Promise<SmtpResult> {
  const { server, envelope, mail, signal, written } = conversation
  const broken = new Promise<never>((_resolve, reject) => {
    connection.on('error', reject)
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // It may break after everything is over, when nobody waits for it any more.
  broken.catch(() => undefined)
  await Promise.race([broken, step((done) => connection.connect(done))])
  const { login } = server
  if (login !== null)
    await Promise.race([broken, step((done) => connection.login({ user: login.user, pass: login.password }, done))])
  const content = Readable.from([mail])
  content.once('end', () => {
    written.all = true
  })
  const sent = new Promise<SmtpResult>((resolve, reject) => {
    const addressed = { from: envelope.from, to: [...envelope.to], size: mail.length }
    connection.send(addressed, content, (error, info) => {
      if (error) reject(error)
      else resolve({ kind: 'taken', refused: (info?.rejectedErrors ?? []).map(refusalOf) })
    })
  })
  const result = await Promise.race([broken, sent])
  connection.quit()
  return result
}

/** Waits for a step of the library that answers by callback. */
async function step(begin: (done: (error?: Error | null) => void) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => begin((error) => (error ? reject(error) : resolve())))
}

function optionsOf({
  host,
  port,
  encryption,
  timeoutMs,
  ca,
}: MailServer): ConstructorParameters<typeof SMTPConnection>[0] {
  return {
    host,
    port,
    secure: encryption === 'tls',
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    maxResponseSize: 65_536,
    ...(ca !== undefined && { tls: { ca } }),
  }
}

function refusalOf(error: SmtpError & { readonly recipient?: unknown }): { address: string; reply: SmtpReply } {
  return { address: String(error.recipient ?? ''), reply: replyOf(error) ?? { code: 550, enhanced: '' } }
}

function resultOf(error: SmtpError, wasWritten: boolean): SmtpResult {
  const reply = replyOf(error)
  if (reply !== null) return { kind: 'refused', command: wordOf(error.command), reply }
  return { kind: 'broken', code: wordOf(error.originalCode) || wordOf(error.code), wasWritten }
}

function replyOf({ responseCode, response }: SmtpError): SmtpReply | null {
  if (typeof responseCode !== 'number') return null
  const [, enhanced = ''] = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(String(response)) ?? []
  return { code: responseCode, enhanced }
}

function wordOf(word: unknown): string {
  return typeof word === 'string' && /^[\w -]{1,60}$/.test(word) ? word : ''
}
