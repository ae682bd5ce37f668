import { waitUntil } from '../../test/support/wait-until.ts'
import type { Product } from './start-product.ts'

/** An incident as the API tells it, as far as scenarios look. */
export interface FoundIncident {
  readonly id: string
  readonly status: string
}

/** The incident of this alert name, as soon as there is one. */
export async function findIncident(product: Product, alertname: string): Promise<FoundIncident> {
  return await waitUntil(
    async () => {
      const page = (await (await fetch(`${product.url}/api/v1/incidents?q=${alertname}`)).json()) as {
        readonly items: readonly FoundIncident[]
      }
      return page.items[0]
    },
    { timeoutMs: 30_000, intervalMs: 50, why: `the incident of ${alertname} opens` },
  )
}
