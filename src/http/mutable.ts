/** The same type without `readonly`. */
export type Mutable<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T

/** Hands a read-only value to an answer: zod describes arrays as mutable, and nothing after this point writes to them. */
export function asAnswer<T>(value: T): Mutable<T> {
  return value as Mutable<T>
}
