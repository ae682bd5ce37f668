import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib'

const ENCODINGS = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd'] as const
export type BodyEncoding = (typeof ENCODINGS)[number]

export function isKnownEncoding(name: string): name is BodyEncoding {
  return (ENCODINGS as readonly string[]).includes(name)
}

export interface DecodeLimits {
  readonly mostBytes: number
  readonly keptBytes: number
  /** Asks for memory; false = there is none. */
  readonly take: (bytes: number) => boolean
  readonly give: (bytes: number) => void
}

/** `busy` and `undecodable` hold no memory; `decoded` holds as much as it has bytes. */
export type Decoded =
  | { readonly kind: 'decoded'; readonly bytes: Buffer; readonly bytesCut: number }
  | { readonly kind: 'busy' }
  | { readonly kind: 'undecodable' }

const OUTPUT_CHUNK_BYTES = 128 * 1024

/**
 * Decodes a whole body. What decodes to more than `mostBytes` (a bomb) is cut to `keptBytes` and decoded no
 * further: `bytesCut` then says how much more there was at least. Never rejects.
 */
export function decodeBody(encoded: Uint8Array, encoding: BodyEncoding, limits: DecodeLimits): Promise<Decoded> {
  const decoder = decoderOf(encoding, encoded[0] ?? 0)
  return new Promise((resolve) => {
    let chunks: Buffer[] = []
    let heldBytes = 0
    const end = (outcome: Decoded, keptBytes = 0): void => {
      decoder.removeAllListeners('data')
      decoder.destroy()
      limits.give(heldBytes - keptBytes)
      heldBytes = keptBytes
      chunks = []
      resolve(outcome)
    }
    decoder.on('data', (chunk: Buffer) => {
      if (!limits.take(chunk.length)) return end({ kind: 'busy' })
      heldBytes += chunk.length
      chunks.push(chunk)
      if (heldBytes <= limits.mostBytes) return
      const bytesCut = heldBytes - limits.keptBytes
      end({ kind: 'decoded', bytes: firstBytes(chunks, limits.keptBytes), bytesCut }, limits.keptBytes)
    })
    decoder.on('error', () => end({ kind: 'undecodable' }))
    decoder.on('end', () => end({ kind: 'decoded', bytes: Buffer.concat(chunks), bytesCut: 0 }, heldBytes))
    decoder.end(encoded)
  })
}

function firstBytes(chunks: readonly Buffer[], length: number): Buffer {
  return Buffer.concat(chunks, length)
}

function decoderOf(encoding: BodyEncoding, firstByte: number): Transform {
  const options = { chunkSize: OUTPUT_CHUNK_BYTES }
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(options)
    case 'deflate':
      // Half of the senders mean the bare stream without the zlib header that the standard wants.
      return (firstByte & 0x0f) === 8 ? createInflate(options) : createInflateRaw(options)
    case 'br':
      return createBrotliDecompress(options)
    case 'zstd':
      return createZstdDecompress(options)
  }
}
