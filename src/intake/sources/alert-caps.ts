/**
 * How much of one alert is kept. What is longer is cut without a word, because the alert matters more than its
 * tail; real alerts stay far below. Lengths count UTF-16 units.
 */
export const ALERT_CAPS = {
  /** One alert of a delivery; a longer one is a problem, because parsing it would hold up everybody else. */
  elementBytes: 2 * 1024 * 1024,
  title: 512,
  labelCount: 512,
  labelName: 1024,
  labelValue: 16 * 1024,
  annotationValue: 16 * 1024,
  /** Names and values of the labels together; the same again for the annotations. */
  recordTotal: 128 * 1024,
  /** The sender's own JSON, kept for people. */
  rawBytes: 64 * 1024,
  fingerprint: 128,
  /** Short words that become columns: rule ids, reasons, correlation fields. */
  field: 512,
  /** Longer than any browser's address line takes; a PromQL expression in a generatorURL fits. A longer link is dropped. */
  link: 8 * 1024,
  /** `startsAt` as the sender wrote it. */
  timeText: 64,
} as const
