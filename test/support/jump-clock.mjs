// Loaded before a program (`NODE_OPTIONS=--import …`): its wall clock jumps by JUMP_MS once the file JUMP_WHEN is there. The
// monotonic clock goes on as it is, as on a machine whose time somebody sets.
import { existsSync } from 'node:fs'

const jumpMs = Number(process.env.JUMP_MS)
const RealDate = Date
const hasJumped = () => existsSync(process.env.JUMP_WHEN)
const now = () => RealDate.now() + (hasJumped() ? jumpMs : 0)

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now()] : parts))
  }

  static now() {
    return now()
  }
}
