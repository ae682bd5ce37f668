import { expect, test } from 'vitest'
import { RUNGS } from '../message-rungs.ts'
import type { RenderedMessage } from '../rendered-message.ts'
import { SAMPLE_REPLIES, SAMPLE_ROOTS, sampleDigest, sampleDigestOver } from '../sample-messages.ts'
import { digestTemplate } from './digest-template.ts'
import { templateOf } from './template-of.ts'
import type { TemplateOptions } from './template-options.ts'

/** Folder of the golden files, and the options that make them. */
const looks: readonly [folder: string, options: Partial<TemplateOptions>][] = [
  ['default-en', { preset: 'default', language: 'en' }],
  ['default-ko', { preset: 'default', language: 'ko', timeZone: 'Asia/Seoul' }],
  ['threader', { preset: 'threader' }],
  ['cloudwatch-en', { preset: 'cloudwatch-en' }],
  ['cloudwatch-ko', { preset: 'cloudwatch-ko' }],
]

// Written anew with `npm test -- src/notify/channels/slack/templates --update`; read the difference before it is committed.
async function expectGolden(path: string, rendered: RenderedMessage): Promise<void> {
  await expect(`${JSON.stringify(RUNGS.full(rendered), null, 2)}\n`).toMatchFileSnapshot(`golden/${path}.json`)
}

for (const [folder, options] of looks) {
  for (const [state, message] of Object.entries(SAMPLE_ROOTS)) {
    test(`${folder}: the root of an incident that is ${state} is as its golden file says`, async () => {
      await expectGolden(`${folder}/root-${state}`, templateOf(options)(message()))
    })
  }

  for (const [purpose, message] of Object.entries(SAMPLE_REPLIES)) {
    test(`${folder}: the reply ${purpose} is as its golden file says`, async () => {
      await expectGolden(`${folder}/reply-${purpose}`, templateOf(options)(message()))
    })
  }

  if (folder.startsWith('default'))
    for (const [state, digest] of [
      ['lasting', sampleDigest()],
      ['over', sampleDigestOver()],
    ] as const) {
      test(`${folder}: the digest of a storm that is ${state} is as its golden file says`, async () => {
        await expectGolden(`${folder}/digest-${state}`, digestTemplate(options)(digest))
      })
    }
}
