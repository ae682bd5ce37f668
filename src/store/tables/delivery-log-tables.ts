/** The delivery log that is kept in the database. */
export interface DeliveryLogTables {
  delivery_log: DeliveryLogTable
  delivery_partition: DeliveryPartitionTable
  delivery: DeliveryTable
  delivery_segment: DeliverySegmentTable
}

/** The one row of the delivery log that is kept in this database. */
interface DeliveryLogTable {
  only_row: number
  id: string
  partitions: number
}

/** The deliveries of a partition are numbered from 1 without gaps; the first `trimmed_count` of them were forgotten. */
interface DeliveryPartitionTable {
  partition_index: number
  last_count: number
  trimmed_count: number
  stored_bytes: number
}

/** A delivery without its body, which stands in a segment that it shares with those that were stored with it. */
export interface DeliveryTable {
  partition_index: number
  seq: number
  tenant_id: string
  source: string
  source_kind: string
  received_at: number
  request_id: string
  content_type: string
  bytes_cut: number
  segment_id: string
  /** What the whole segment takes, compressed. */
  segment_bytes: number
  body_offset: number
  body_length: number
}

/** Compressed bodies, in pieces. */
interface DeliverySegmentTable {
  id: string
  piece: number
  bytes: Uint8Array
}
