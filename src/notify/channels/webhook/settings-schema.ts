import * as z from 'zod'

/** Headers that carry the message itself, or that HTTP needs for itself. */
const OURS =
  /^(content-.*|host|connection|transfer-encoding|te|upgrade|expect|user-agent|idempotency-key|x-nunchi-.*)$/i
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i
const HEADER_VALUE = /^[\t\x20-\x7e]{1,4000}$/

/**
 * The settings of an outgoing webhook. The URL, the secret and the values of the headers are secrets: every problem says
 * what to put instead, none repeats one. Wrong together (`http://` without leave): `webhookContradiction`.
 */
export const webhookSettingsSchema = z.strictObject({
  id: z.string().min(1).default('webhook').describe('The name of the channel in the configuration.'),
  url: z
    .string()
    .max(4000)
    .superRefine((text, context) => {
      const message = urlProblem(text)
      if (message !== null) context.addIssue({ code: 'custom', message })
    })
    .describe('Where messages are posted to. It is a secret, because who knows it can post there.'),
  secret: z
    .string()
    .min(16, 'must have at least 16 characters; `openssl rand -hex 32` makes one')
    .max(1000)
    .optional()
    .describe('Signs every message (HMAC-SHA256), so that the receiver knows who sent it and when.'),
  headers: z
    .record(
      z.string(),
      z.string().regex(HEADER_VALUE, 'must be one line of printable ASCII characters; write it without line breaks'),
    )
    .superRefine((headers, context) => {
      for (const name of Object.keys(headers)) {
        const message = headerProblem(name)
        if (message !== null) context.addIssue({ code: 'custom', path: [name], message })
      }
    })
    .default({})
    .describe('Further headers of every request, such as Authorization. Their values are secrets.'),
  timeoutMs: z
    .int('must be a whole number of milliseconds')
    .min(500, 'must be at least 500 ms')
    .max(120_000)
    .default(10_000)
    .describe('How long the receiver may take to answer.'),
  messagesPerSecond: z
    .number()
    .positive('must be more than 0')
    .max(1_000)
    .default(5)
    .describe('Messages a second in the long run.'),
  burst: z.int('must be a whole number').min(1).max(1_000).default(20).describe('Messages at once after a quiet time.'),
  allowPrivateAddresses: z
    .boolean()
    .default(false)
    .describe('Allows a receiver on this machine or in a private network. Link-local addresses stay refused.'),
  allowUnencrypted: z
    .boolean()
    .default(false)
    .describe('Allows http:// to public addresses. Without it, http:// reaches private addresses only.'),
})

export type WebhookSettings = z.infer<typeof webhookSettingsSchema>

/** What is wrong with the settings together, in words with the remedy; null when nothing is. */
export function webhookContradiction(settings: WebhookSettings): string | null {
  const { url, allowPrivateAddresses, allowUnencrypted } = settings
  if (URL.parse(url)?.protocol !== 'http:' || allowPrivateAddresses || allowUnencrypted) return null
  return 'must begin with https://; for http:// set `allowPrivateAddresses: true` (a receiver in your own network) or `allowUnencrypted: true`'
}

function urlProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    return 'must be an absolute address that begins with https://; write it whole, such as https://hooks.example.com/alerts'
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or password; put `Authorization: Basic …` into headers instead'
  return null
}

function headerProblem(name: string): string | null {
  if (!HEADER_NAME.test(name)) return 'must be the name of an HTTP header; use letters, digits and `-`'
  return OURS.test(name) ? 'is a header that Nunchi sets itself; leave it out' : null
}
