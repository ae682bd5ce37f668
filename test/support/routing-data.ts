import type { RoutingData } from '../../src/app/engine-data.ts'

/** Rules that tell everything to these channels, and call nobody. */
export function routingDataTo(channels: readonly string[]): RoutingData {
  return {
    root: {
      path: 'defaultChannel',
      name: null,
      match: { labels: [], severity: null, fields: [], hours: [] },
      channels,
      mentions: null,
      continues: false,
      routes: [],
    },
    quietHours: [],
    live: channels,
    mentions: Object.fromEntries(channels.map((id) => [id, {}])),
  }
}
