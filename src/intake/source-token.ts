import { hash, timingSafeEqual } from 'node:crypto'
import type { Source } from './source-registry.ts'

/** Where a sender may have put its token. */
export interface TokenPlaces {
  readonly authorization: string | undefined
  /** The `token` parameter of the query, as often as it was given. */
  readonly queryToken: unknown
}

const MOST_TOKEN_LENGTH = 4096

/**
 * Whether a request presents the token of this source: `Authorization: Bearer <token>`, basic authentication with the
 * token as password, or `?token=<token>`. Any place will do, because proxies put credentials of their own into the header.
 * False for a source that has no token.
 */
export function presentsTokenOf(source: Source, places: TokenPlaces): boolean {
  if (source.tokenHash === null) return false
  let isRight = false
  for (const token of presentedTokens(places)) if (isToken(source.tokenHash, token)) isRight = true
  return isRight
}

/** Every token that a request presents, in no matter which way. */
export function presentedTokens({ authorization, queryToken }: TokenPlaces): readonly string[] {
  const tokens: string[] = []
  const fromHeader = authorization === undefined ? null : tokenOfHeader(authorization)
  if (fromHeader !== null) tokens.push(fromHeader)
  if (typeof queryToken === 'string') tokens.push(queryToken)
  return tokens.filter((token) => token !== '' && token.length <= MOST_TOKEN_LENGTH)
}

function tokenOfHeader(authorization: string): string | null {
  const end = authorization.indexOf(' ')
  const value = authorization.slice(end + 1).trim()
  switch (authorization.slice(0, Math.max(0, end)).toLowerCase()) {
    case 'bearer':
      return value
    case 'basic': {
      const pair = Buffer.from(value, 'base64').toString('utf8')
      return pair.slice(pair.indexOf(':') + 1)
    }
    default:
      return null
  }
}

/** Digests are compared, which have one length: neither the length nor the beginning of a token can be measured. */
function isToken(tokenHash: Buffer, token: string): boolean {
  const digest = hash('sha256', token, 'buffer')
  return digest.length === tokenHash.length && timingSafeEqual(digest, tokenHash)
}
