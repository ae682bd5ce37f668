import type { Position } from './scan-page.ts'

/** A cursor that this list did not give out. Doors answer 400 and name the field. */
export class InvalidCursorError extends Error {
  constructor() {
    super('The cursor is not one that this list gave out; leave it away to begin at the first page.')
    this.name = 'InvalidCursorError'
  }
}

/** The types of a position's values, e.g. `['number', 'string']`. */
export type PositionShape = readonly ('number' | 'string')[]

const LONGEST_TEXT = 300

/** Writes a position as opaque text. `list` names the list, so that a cursor of another one is refused. */
export function encodeCursor(list: string, position: Position): string {
  return Buffer.from(JSON.stringify([list, ...position])).toString('base64url')
}

/** Reads a cursor back; throws `InvalidCursorError` for anything that `encodeCursor` did not write for this list. */
export function decodeCursor(list: string, shape: PositionShape, cursor: string): Position {
  const [name, ...values] = parsed(cursor)
  const fits =
    name === list &&
    values.length === shape.length &&
    values.every((value, i) => fitsShape(value, shape[i] as PositionShape[number]))
  if (!fits) throw new InvalidCursorError()
  return values as Position
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : []
  } catch {
    // Not JSON: not ours.
    return []
  }
}

function fitsShape(value: unknown, type: 'number' | 'string'): boolean {
  if (type === 'number') return Number.isSafeInteger(value)
  return typeof value === 'string' && value.length <= LONGEST_TEXT && !value.includes('\u0000') && value.isWellFormed()
}
