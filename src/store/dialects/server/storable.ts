const NUL = /\0/g

/** The values of a statement as every server takes them. Throws for what would be stored as something else. */
export function storableAll(values: readonly unknown[]): unknown[] {
  return values.map(storable)
}

function storable(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return storableText(value)
    case 'number':
    case 'bigint':
      return value
    case 'boolean':
      return value ? 1 : 0
    case 'undefined':
      return null
    default:
      if (value === null || value instanceof Uint8Array) return value
      throw new TypeError(
        `A ${Object.prototype.toString.call(value)} cannot be stored: turn it into text or milliseconds first`,
      )
  }
}

/** PostgreSQL keeps no NUL, and no server keeps half a surrogate pair: both become the sign for what cannot be shown. */
function storableText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replace(NUL, '\u{fffd}') : whole
}
