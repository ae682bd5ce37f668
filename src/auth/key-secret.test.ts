import { expect, test } from 'vitest'
import { createNewId } from '../store/new-id.ts'
import { createKeySecret, hashOfToken, isSameHash, readPresentedKey } from './key-secret.ts'

const id = createNewId()(1_767_614_400_000)

test('a new key reads back as its id and the hash that is stored', () => {
  const { text, secretHash } = createKeySecret(id)
  expect(text).toMatch(/^nunchi_[0-9A-Z]{26}_[A-Za-z0-9_-]{43}$/)
  expect(readPresentedKey(text)).toEqual({ id, secretHash: Buffer.from(secretHash, 'hex') })
})

test('no two keys share a secret', () => {
  expect(createKeySecret(id).text).not.toBe(createKeySecret(id).text)
})

const broken: readonly [text: string, why: string][] = [
  ['', 'nothing'],
  ['nunchi_', 'no halves'],
  [`nunchi_${id}_short`, 'too short a secret'],
  [`nunchi_${id}_${'a'.repeat(44)}`, 'too long a secret'],
  [`nunchi_${id.toLowerCase()}_${'a'.repeat(43)}`, 'an id that was never given out'],
  [` nunchi_${id}_${'a'.repeat(43)}`, 'a blank in front'],
  [`xoxb-${'a'.repeat(70)}`, 'the token of another product'],
]
for (const [text, why] of broken) {
  test(`what has not the form of a key is no key (${why})`, () => {
    expect(readPresentedKey(text)).toBeNull()
  })
}

test('hashes are the same only when every byte is', () => {
  expect(isSameHash(hashOfToken('a'), hashOfToken('a'))).toBe(true)
  expect(isSameHash(hashOfToken('a'), hashOfToken('b'))).toBe(false)
  expect(isSameHash(hashOfToken('a'), hashOfToken('a').subarray(1))).toBe(false)
})
