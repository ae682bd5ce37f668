import type { z } from 'zod'
import type { Scope } from '../../domain/actor.ts'
import { PROBLEMS, type ProblemCode } from '../problem-catalogue.ts'
import { PROBLEM_JSON, Problem } from './problem-contract.ts'

/** The groups of the document, in its order. */
export const TAGS = {
  incidents: 'The state that people manage.',
  alerts: 'What senders said: the current state of each alert, and every observation of it.',
  live: 'Changes as they happen.',
  sources: 'Where alerts come from, and what came of them.',
  notifications: 'What channels were told, or would have been.',
  operations: 'Jobs, keys and health: for those who run Nunchi.',
  intake: 'Where senders deliver.',
} as const

export interface RouteDescription {
  readonly operationId: string
  readonly summary: string
  readonly tag: keyof typeof TAGS
  /** The scope that the operation needs; null = none. */
  readonly scope: Scope | null
  readonly description?: string
}

/** The words of a route in the document, with its security. */
export function describeRoute({ operationId, summary, tag, scope, description = '' }: RouteDescription) {
  const needs = scope === null ? '' : `Needs the scope \`${scope}\`.`
  return {
    operationId,
    summary,
    tags: [tag],
    description: [description, needs].filter((part) => part !== '').join('\n\n'),
    security: scope === null ? [] : [{ bearer: [] as string[] }, { apiKey: [] as string[] }],
  }
}

/** An answer in JSON. */
export function jsonAnswer<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

/** An answer in `application/problem+json`; `schema` when it carries more than `Problem`. */
export function problemAnswer<S extends z.ZodType = typeof Problem>(description: string, schema?: S) {
  return { description, content: { [PROBLEM_JSON]: { schema: schema ?? Problem } } }
}

/** The problem answers of a route, by the codes of the catalogue that it can give beside those of every route. */
export function problemAnswers(...codes: readonly ProblemCode[]): Record<number, ReturnType<typeof problemAnswer>> {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of [...EVERYWHERE, ...codes])
    byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code])
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      problemAnswer(ofStatus.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' ')),
    ]),
  )
}

const EVERYWHERE: readonly ProblemCode[] = [
  'invalid-request',
  'malformed-request',
  'not-authenticated',
  'scope-missing',
  'host-not-allowed',
  'cross-origin',
  'internal-error',
  'unavailable',
]

/** What a route that reads a body can also answer. */
export const BODY_PROBLEMS: readonly ProblemCode[] = ['invalid-json', 'body-too-large', 'unsupported-media-type']
