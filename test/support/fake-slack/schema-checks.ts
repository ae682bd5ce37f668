/** A value inside a payload with its JSON pointer, and where problems with it are told. */
export interface Spot {
  readonly value: unknown
  readonly pointer: string
  readonly report: (problem: string) => void
}

/** A JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>

/** True for objects that are neither null nor arrays. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tells a problem in Slack's own form, with the pointer behind it. */
export function reportAt(spot: Spot, problem: string): void {
  spot.report(`${problem} [json-pointer:${spot.pointer}]`)
}

/** The spot of a property or of an array element. */
export function spotOf(parent: Spot, key: string | number): Spot {
  const value = (parent.value as Record<string | number, unknown>)[key]
  return { value, pointer: `${parent.pointer}/${key}`, report: parent.report }
}

/** Checks that the value is an object that has all of `required` and nothing outside `required` and `optional`. */
export function checkObject(spot: Spot, keys: { readonly required: string; readonly optional?: string }): boolean {
  if (!isObject(spot.value)) {
    reportAt(spot, 'must be an object')
    return false
  }
  const required = words(keys.required)
  const known = [...required, ...words(keys.optional ?? '')]
  for (const key of required) {
    if (spot.value[key] === undefined) reportAt(spot, `missing required field: ${key}`)
  }
  for (const key of Object.keys(spot.value)) {
    if (!known.includes(key)) reportAt(spot, `invalid additional property: ${key}`)
  }
  return true
}

/** Checks a string's length as Slack words it; an absent value is the business of `checkObject`. */
export function checkString(spot: Spot, limits: { readonly min?: number; readonly max: number }): void {
  if (spot.value === undefined) return
  if (typeof spot.value !== 'string') return void reportAt(spot, 'must be a string')
  const { min = 1, max } = limits
  // UTF-16 units are the strictest way to count that Slack could use: never fewer than characters.
  if (spot.value.length < min) reportAt(spot, `must be more than ${min - 1} characters`)
  if (spot.value.length > max) reportAt(spot, `must be less than ${max + 1} characters`)
}

/** Checks an array's length and gives every element to `each`. */
export function checkArray(
  spot: Spot,
  limits: { readonly min: number; readonly max: number },
  each: (element: Spot) => void,
): void {
  if (spot.value === undefined) return
  if (!Array.isArray(spot.value)) return void reportAt(spot, 'must be an array')
  if (spot.value.length < limits.min) reportAt(spot, `no fewer than ${limits.min} items allowed`)
  if (spot.value.length > limits.max) reportAt(spot, `no more than ${limits.max} items allowed`)
  for (const index of spot.value.keys()) each(spotOf(spot, index))
}

/** Checks that a present value is one of the listed ones. */
export function checkOneOf(spot: Spot, allowed: readonly unknown[]): void {
  if (spot.value !== undefined && !allowed.includes(spot.value)) reportAt(spot, 'must be a valid enum value')
}

/** Checks that a present value has the given JavaScript type. */
export function checkType(spot: Spot, type: 'boolean' | 'number'): void {
  if (spot.value !== undefined && typeof spot.value !== type) reportAt(spot, `must be a ${type}`)
}

/** Checks a URL that people can click: only schemes that cannot run script. */
export function checkUrl(spot: Spot, max = 3000): void {
  if (spot.value === undefined) return
  checkString(spot, { max })
  const isSafe =
    typeof spot.value === 'string' && /^(https?|mailto|slack|tel):/i.test(spot.value) && URL.canParse(spot.value)
  if (!isSafe) reportAt(spot, 'must be a valid URL')
}

function words(list: string): readonly string[] {
  return list.split(' ').filter((word) => word !== '')
}
