import { ALERT_CAPS } from './alert-caps.ts'

// Links that URL would return unchanged, in essence; the check is ten times cheaper than parsing. The last part of
// the host starts with a letter, so that it is not one of the spellings of an IPv4 address; no user, no `xn--`.
const PLAIN_LINK =
  /^https?:\/\/(?![^/?#]*xn--)(?:[a-z0-9_-]+\.)*[a-z][a-z0-9_-]*(?::\d{1,4})?(?:[/?#][!#-;=?-[\]_a-z~]*)?$/i
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i

/**
 * An absolute http(s) link without user name or password, or undefined. A relative one is resolved against `base`
 * where that is absolute http(s) itself. `javascript:`, `data:`, `mailto:` and the like are never links.
 */
export function readLink(value: unknown, base?: string): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > ALERT_CAPS.link) return undefined
  if (PLAIN_LINK.test(value)) return value
  if (!URL.canParse(value, base || undefined)) return undefined
  const url = new URL(value, base || undefined)
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '')
    return undefined
  return url.href.length > ALERT_CAPS.link ? undefined : url.href
}

/** A base for relative links; undefined when it is not an absolute http(s) address. */
export function readLinkBase(value: unknown): string | undefined {
  return typeof value === 'string' && ABSOLUTE.test(value) ? readLink(value) : undefined
}
