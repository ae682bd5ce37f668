import { describe, expect, test } from 'vitest'
import type { ThreadStore } from '../../src/notify/threads/thread-store.ts'

/** A store to be tested, and how it comes back after a restart. */
export interface ThreadStoreUnderTest {
  readonly store: ThreadStore
  /** Ends the store in order and opens it again on the same data. */
  readonly restart: () => Promise<ThreadStore>
}

/** What every thread store promises. `open` gives an empty one. */
export function describeThreadStore(name: string, open: () => Promise<ThreadStoreUnderTest>): void {
  describe(`${name} thread store`, () => {
    test('an unknown key has no thread', async () => {
      const { store } = await open()
      expect(await store.get('TestAlert|critical|database|production|production')).toBeNull()
      expect(await store.list(10)).toEqual([])
      expect(await store.count()).toBe(0)
    })

    test('a key keeps the thread that was put last', async () => {
      const { store } = await open()
      await store.put('a|critical||eu|production', '1700000000.000100')
      await store.put('b|warning||eu|production', '1700000000.000200')
      await store.put('a|critical||eu|production', '1700000000.000300')
      expect(await store.get('a|critical||eu|production')).toBe('1700000000.000300')
      expect(await store.get('b|warning||eu|production')).toBe('1700000000.000200')
      expect(await store.count()).toBe(2)
    })

    test('threads survive a restart', async () => {
      const { store, restart } = await open()
      await store.put('a|critical||eu|production', '1700000000.000100')
      const again = await restart()
      expect(await again.get('a|critical||eu|production')).toBe('1700000000.000100')
      expect(await again.count()).toBe(1)
    })

    test('a list is as long as it is asked to be', async () => {
      const { store } = await open()
      for (let i = 0; i < 5; i++) await store.put(`key-${i}`, `1700000000.00000${i}`)
      expect(await store.list(3)).toHaveLength(3)
      const all = await store.list(10)
      expect(all.find((entry) => entry.threadKey === 'key-3')).toEqual({ threadKey: 'key-3', ts: '1700000000.000003' })
      expect(all).toHaveLength(5)
    })

    test('clearing forgets everything, says how much it was, and lasts', async () => {
      const { store, restart } = await open()
      await store.put('a', '1')
      await store.put('b', '2')
      expect(await store.clear()).toBe(2)
      expect(await store.get('a')).toBeNull()
      expect(await store.clear()).toBe(0)
      await store.put('c', '3')
      const again = await restart()
      expect(await again.list(10)).toEqual([{ threadKey: 'c', ts: '3' }])
    })

    test('a key may be any text', async () => {
      const { store, restart } = await open()
      const keys = [
        '__proto__',
        'constructor',
        '123',
        '',
        'Ünï|코드|🚨',
        '"quoted" \\ back',
        'x'.repeat(20_000),
        `${'x'.repeat(20_000)}y`,
      ]
      for (const [i, key] of keys.entries()) await store.put(key, `ts-${i}`)
      const again = await restart()
      for (const [i, key] of keys.entries()) expect(await again.get(key), key.slice(0, 20)).toBe(`ts-${i}`)
      expect(await again.count()).toBe(keys.length)
    })

    test('puts at the same time are all kept', async () => {
      const { store, restart } = await open()
      await Promise.all(Array.from({ length: 200 }, (_, i) => store.put(`key-${i}`, `ts-${i}`)))
      const again = await restart()
      expect(await again.count()).toBe(200)
      expect(await again.get('key-199')).toBe('ts-199')
    })
  })
}
