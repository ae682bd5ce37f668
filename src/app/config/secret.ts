import { inspect } from 'node:util'

const MASK = '<secret>'

/**
 * A value that must never be seen by accident. JSON, `util.inspect`, template strings and concatenation all
 * give `<secret>`; only `reveal()` gives the value. It does not survive `structuredClone`: hand a thread what
 * `reveal()` gives.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [Symbol.toPrimitive](): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}
