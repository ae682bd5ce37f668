// Loaded before a program and each of its threads (`NODE_OPTIONS=--require …`; `--import` does not reach threads whose program is given as
// text): its wall clock is wrong by as many milliseconds as the file JUMP_BY says. The monotonic clock goes on as it is, as on a machine
// whose time somebody sets.
import { readFileSync } from 'node:fs'

const LOOK_EVERY_MS = 50
const RealDate = Date
let jumpMs = 0
let lookedAt = Number.NEGATIVE_INFINITY

function now() {
  const at = performance.now()
  if (at - lookedAt >= LOOK_EVERY_MS) {
    lookedAt = at
    jumpMs = Number(readFileSync(process.env.JUMP_BY, 'utf8'))
  }
  return RealDate.now() + jumpMs
}

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now()] : parts))
  }

  static now() {
    return now()
  }
}
