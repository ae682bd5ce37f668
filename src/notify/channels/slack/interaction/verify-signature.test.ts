import { expect, test } from 'vitest'
import { isSignedWith, SIGNATURE_WINDOW_MS, signatureOf } from './verify-signature.ts'

// The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5'
const TIMESTAMP = '1531420618'
const BODY = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
)
const SIGNATURE = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
const NOW = Number(TIMESTAMP) * 1_000
const request = { timestamp: TIMESTAMP, signature: SIGNATURE, body: BODY }

test('the example of Slack is taken', () => {
  expect(signatureOf(SECRET, TIMESTAMP, BODY)).toBe(SIGNATURE)
  expect(isSignedWith(SECRET, request, NOW)).toBe(true)
})

test('five minutes are allowed in both directions, and not a millisecond more', () => {
  for (const direction of [-1, 1]) {
    expect(isSignedWith(SECRET, request, NOW + direction * SIGNATURE_WINDOW_MS)).toBe(true)
    expect(isSignedWith(SECRET, request, NOW + direction * (SIGNATURE_WINDOW_MS + 1))).toBe(false)
  }
})

const wrong: readonly [why: string, over: Partial<Record<keyof typeof request, unknown>>][] = [
  ['no signature', { signature: undefined }],
  ['no timestamp', { timestamp: undefined }],
  ['a timestamp that is no number', { timestamp: 'now' }],
  ['a timestamp with a sign', { timestamp: `+${TIMESTAMP}` }],
  ['another version', { signature: SIGNATURE.replace('v0', 'v1') }],
  ['a shorter signature', { signature: SIGNATURE.slice(0, -1) }],
  ['a longer signature', { signature: `${SIGNATURE}0` }],
  ['capitals', { signature: SIGNATURE.toUpperCase() }],
  ['letters of several bytes', { signature: `v0=${'é'.repeat(64)}` }],
  ['one byte more in the body', { body: Buffer.concat([BODY, Buffer.from('&')]) }],
]
for (const [why, over] of wrong) {
  test(`${why} is refused`, () => {
    expect(isSignedWith(SECRET, { ...request, ...over } as typeof request, NOW)).toBe(false)
  })
}

test('an empty secret signs nothing', () => {
  const signature = signatureOf('', TIMESTAMP, BODY)
  expect(isSignedWith('', { ...request, signature }, NOW)).toBe(false)
})
