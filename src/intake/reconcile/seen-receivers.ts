import type { DeliveryLog } from '../delivery-log/delivery-log.ts'
import { scanJson } from '../json-scan.ts'
import { parseRest } from '../json-scan-values.ts'
import { isHealed } from './healed-delivery.ts'

/** Larger bodies are not opened for their receiver: another one will name it. */
const MOST_BODY_BYTES = 1024 * 1024
const DELIVERIES_A_LOOK = 20

/** Learns from the newest deliveries of a source what its sender calls the receiver that we are. */
export class SeenReceivers {
  readonly #log: Pick<DeliveryLog, 'list' | 'get'>
  readonly #source: string
  readonly #names = new Set<string>()
  #looked: ReadonlySet<number> = new Set()

  constructor(log: Pick<DeliveryLog, 'list' | 'get'>, source: string) {
    this.#log = log
    this.#source = source
  }

  /** The names that deliveries have shown since the start, those of the newest deliveries included. Throws what the log throws. */
  async names(): Promise<ReadonlySet<string>> {
    const newest = await this.#log.list({ before: null, source: this.#source, limit: DELIVERIES_A_LOOK })
    for (const { seq, bodyBytes, contentType } of newest)
      if (!this.#looked.has(seq) && bodyBytes <= MOST_BODY_BYTES && !isHealed(contentType)) await this.#look(seq)
    this.#looked = new Set(newest.map(({ seq }) => seq))
    return this.#names
  }

  async #look(seq: number): Promise<void> {
    const delivery = await this.#log.get(seq)
    if (delivery === null) return
    const scan = scanJson(delivery.body, { member: 'alerts' })
    const parsed = scan.ok ? parseRest(delivery.body, scan, 'alerts') : scan
    if (parsed.ok && typeof parsed.rest.receiver === 'string' && parsed.rest.receiver !== '')
      this.#names.add(parsed.rest.receiver)
  }
}
