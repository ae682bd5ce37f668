/** A mail as its reader sees it. */
export interface ReadMail {
  /** By name in small letters, unfolded and decoded. */
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
  readonly html: string
  readonly raw: string
}

interface Part {
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** Reads a mail of text and HTML. Throws when it is not written as the standards say. */
export function readMail(raw: string): ReadMail {
  if (/(?<!\r)\n|\r(?!\n)/.test(raw)) throw new Error('A line of the mail does not end with CR LF')
  if (/[^\r\n]{999}/.test(raw)) throw new Error('A line of the mail is longer than 998 characters')
  if (/[^\t\r\n\x20-\x7e]/.test(raw)) throw new Error('The mail holds bytes that are not ASCII')
  const { headers, body } = partOf(raw)
  const boundary = /^multipart\/alternative;.*boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1]
  if (boundary === undefined) throw new Error(`The mail is ${headers.get('content-type')}`)
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => partOf(part.replace(/^\r\n/, '').replace(/\r\n$/, '')))
  return { headers, text: textOf(parts, 'text/plain'), html: textOf(parts, 'text/html'), raw }
}

function partOf(raw: string): Part {
  const end = raw.indexOf('\r\n\r\n')
  const headers = new Map<string, string>()
  for (const line of raw
    .slice(0, end)
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .split('\r\n')) {
    const [, name, value] = /^([\w-]+): ?(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Error(`The mail has a line that is no header: ${line}`)
    if (headers.has(name.toLowerCase())) throw new Error(`The mail has the header ${name} twice`)
    headers.set(name.toLowerCase(), decodeWords(value))
  }
  return { headers, body: raw.slice(end + 4) }
}

function textOf(parts: readonly Part[], type: string): string {
  const part = parts.find(({ headers }) => headers.get('content-type')?.startsWith(type))
  if (part === undefined) throw new Error(`The mail has no ${type}`)
  const encoding = part.headers.get('content-transfer-encoding')
  if (encoding === 'base64') return Buffer.from(part.body, 'base64').toString('utf8').replaceAll('\r\n', '\n')
  const text = encoding === 'quoted-printable' ? decodeQuoted(part.body.replaceAll('=\r\n', '')) : part.body
  return text.replaceAll('\r\n', '\n')
}

/** RFC 2047. White space between two encoded words is no part of the text. */
function decodeWords(value: string): string {
  return value
    .replaceAll(/(=\?[^?]+\?[QB]\?[^?]*\?=)\s+(?==\?)/gi, '$1')
    .replaceAll(/((?:=\?utf-8\?[QB]\?[^?]*\?=)+)/gi, (words) =>
      Buffer.concat(
        [...words.matchAll(/=\?utf-8\?([QB])\?([^?]*)\?=/gi)].map(([, kind = '', text = '']) =>
          kind.toUpperCase() === 'B' ? Buffer.from(text, 'base64') : quotedBytes(text.replaceAll('_', ' ')),
        ),
      ).toString('utf8'),
    )
}

function decodeQuoted(text: string): string {
  return quotedBytes(text).toString('utf8')
}

function quotedBytes(text: string): Buffer {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/gi, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}
