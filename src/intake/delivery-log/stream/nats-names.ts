/** The names of one partition in NATS. */
export interface NatsNames {
  readonly stream: string
  /** What the stream takes. */
  readonly everything: string
  /** Deliveries, which are read in order… */
  readonly deliveries: string
  /** …among them those that are larger than a message… */
  readonly inParts: string
  /** …whose parts lie here. */
  readonly parts: string
  /** Messages that only take up a place. */
  readonly gaps: string
}

/** How the streams and subjects of a partition are called: `<prefix>_<index>` takes `<prefix>.<index>.>`. */
export function natsNames(prefix: string, index: number): NatsNames {
  const root = `${prefix}.${index}`
  return {
    stream: `${prefix}_${index}`,
    everything: `${root}.>`,
    deliveries: `${root}.d.>`,
    inParts: `${root}.d.*.m`,
    parts: `${root}.c`,
    gaps: `${root}.g`,
  }
}

/** The subject of one delivery: `….d.<source>.w` when its message holds the body, `….d.<source>.m` when it lists parts. */
export function deliverySubject(names: NatsNames, source: string, isWhole: boolean): string {
  return names.deliveries.replace('>', `${subjectToken(source)}.${isWhole ? 'w' : 'm'}`)
}

/** The deliveries of a source, or of all. */
export function sourceFilter(names: NatsNames, source: string | null): string {
  return source === null ? names.deliveries : names.deliveries.replace('>', `${subjectToken(source)}.*`)
}

/** Where nodes tell each other that something was appended to a partition; no stream takes it. */
export function wakeSubject(prefix: string, index: number | '*'): string {
  return `${prefix}.wake.${index}`
}

/** A source's name with what means something in a subject written as %XX. */
function subjectToken(source: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(source)) return source
  const bytes = [...Buffer.from(source)].map((byte) => {
    const char = String.fromCharCode(byte)
    return /[A-Za-z0-9_-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`
  })
  return bytes.join('') || '%'
}
