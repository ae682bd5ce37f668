/** The answer is not a JSON array of objects, or breaks off. */
export class BrokenArrayError extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'BrokenArrayError'
  }
}

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const MOST_ELEMENT_BYTES = 2 * 1024 * 1024

/**
 * The objects of a root array, parsed one by one while the bytes arrive: an answer of 60 MB neither stops the event loop
 * nor lies in memory. Throws a `BrokenArrayError` for what is no such array; an array that ends early is one of those, so
 * that half an answer is never taken for the whole.
 */
export async function* readJsonArray(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<object> {
  const cutter = new ElementCutter()
  for await (const chunk of chunks) {
    for (const element of cutter.cut(chunk)) yield parsed(element)
  }
  if (!cutter.isWhole) throw new BrokenArrayError('the answer breaks off')
}

function parsed(text: string): object {
  try {
    return JSON.parse(text) as object
  } catch {
    throw new BrokenArrayError('the answer holds something that is not JSON')
  }
}

/** Follows brackets and strings over the borders of chunks. */
class ElementCutter {
  #place: 'before' | 'between' | 'inside' | 'after' = 'before'
  #depth = 0
  #isInString = false
  #isEscaped = false
  #pieces: Uint8Array[] = []
  #heldBytes = 0

  get isWhole(): boolean {
    return this.#place === 'after'
  }

  /** The elements that end in this chunk. */
  cut(chunk: Uint8Array): readonly string[] {
    const elements: string[] = []
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number
      if (this.#place !== 'inside') {
        if (this.#step(byte)) from = i
      } else if (this.#endsAt(byte)) {
        elements.push(this.#take(chunk.subarray(from, i + 1)))
        this.#place = 'between'
      }
    }
    if (this.#place === 'inside') this.#keep(chunk.subarray(from))
    return elements
  }

  /** A byte outside of the elements; true when an element begins with it. */
  #step(byte: number): boolean {
    if (byte <= 0x20) return false
    if (this.#place === 'before' && byte === OPEN_ARRAY) this.#place = 'between'
    else if (this.#place === 'between' && byte === CLOSE_ARRAY) this.#place = 'after'
    else if (this.#place === 'between' && byte === OPEN_OBJECT) {
      this.#place = 'inside'
      this.#depth = 1
      return true
    } else if (this.#place !== 'between' || byte !== COMMA)
      throw new BrokenArrayError('the answer is not a list of alerts')
    return false
  }

  #endsAt(byte: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) this.#isInString = false
      return false
    }
    if (byte === QUOTE) this.#isInString = true
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth++
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) this.#depth--
    return this.#depth === 0
  }

  #keep(piece: Uint8Array): void {
    this.#heldBytes += piece.length
    if (this.#heldBytes > MOST_ELEMENT_BYTES) throw new BrokenArrayError('an alert of the answer is larger than 2 MiB')
    this.#pieces.push(piece)
  }

  #take(end: Uint8Array): string {
    this.#keep(end)
    const text = Buffer.concat(this.#pieces).toString('utf8')
    this.#pieces = []
    this.#heldBytes = 0
    return text
  }
}
