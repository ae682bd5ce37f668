/** More elements than a 64 MiB body of real alerts can hold; bounds the offsets of `[1,1,1,…]` to 8 MiB. */
export const MAX_JSON_ELEMENTS = 1 << 20

/** Element `i` is the bytes [starts[i], ends[i]), without the blanks around it. */
export interface ElementRanges {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
}

/** Byte ranges, kept in arrays that grow by doubling. */
export class RangeList {
  #starts = new Uint32Array(16)
  #ends = new Uint32Array(16)
  #length = 0

  /** False when the list is full: it takes MAX_JSON_ELEMENTS. */
  add(start: number, end: number): boolean {
    if (this.#length === MAX_JSON_ELEMENTS) return false
    if (this.#length === this.#starts.length) {
      this.#starts = doubled(this.#starts)
      this.#ends = doubled(this.#ends)
    }
    this.#starts[this.#length] = start
    this.#ends[this.#length++] = end
    return true
  }

  clear(): void {
    this.#length = 0
  }

  ranges(): ElementRanges {
    return { starts: this.#starts.subarray(0, this.#length), ends: this.#ends.subarray(0, this.#length) }
  }
}

function doubled(offsets: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(offsets.length * 2)
  larger.set(offsets)
  return larger
}
