import type { NamedMigration } from '../named-migration.ts'

/** The delivery log of an installation whose database is a server: deliveries point into segments, which hold their bodies. */
export const addDeliveryLog: NamedMigration = {
  name: '20261126-0200-add-delivery-log',
  breaking: false,
  async up(execute, t) {
    for (const statement of [
      // One row: the log's name and how many partitions it was made with.
      `create table delivery_log (only_row ${t.int} not null primary key, id ${t.id} not null, partitions ${t.int} not null)`,
      // Whoever appends holds the row until the commit: numbers have no gaps and become visible in order.
      `create table delivery_partition (partition_index ${t.int} not null primary key, last_count ${t.bigint} not null, trimmed_count ${t.bigint} not null, stored_bytes ${t.bigint} not null)`,
      `create table delivery (
        partition_index ${t.int} not null, seq ${t.bigint} not null, tenant_id ${t.id} not null, source ${t.id} not null, source_kind ${t.id} not null, received_at ${t.bigint} not null,
        request_id ${t.id} not null, content_type ${t.name} not null, bytes_cut ${t.bigint} not null, segment_id ${t.id} not null, segment_bytes ${t.bigint} not null,
        body_offset ${t.bigint} not null, body_length ${t.bigint} not null, primary key (partition_index, seq))`,
      'create index delivery_by_time on delivery (received_at, seq)',
      'create index delivery_by_source on delivery (source, received_at, seq)',
      // In pieces that every server takes in one statement.
      `create table delivery_segment (id ${t.id} not null, piece ${t.int} not null, bytes ${t.bytes} not null, primary key (id, piece))`,
    ])
      await execute(statement)
  },
}
