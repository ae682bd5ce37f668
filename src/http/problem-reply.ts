import type { FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEM_JSON } from './contract/problem-contract.ts'
import { PROBLEMS, problemType } from './problem-catalogue.ts'
import type { ProblemError } from './problem-error.ts'

/** Answers a problem of the catalogue as `application/problem+json`, and says nothing in the log. */
export function replyWithProblem(problem: ProblemError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { code, status } = problem
  const { headers = {}, members = {}, errors, detail } = problem.details
  return reply
    .code(status)
    .headers(headers)
    .type(PROBLEM_JSON)
    .serializer(JSON.stringify)
    .send({
      type: problemType(code),
      title: PROBLEMS[code].title,
      status,
      detail,
      instance: request.id,
      ...(errors && { errors }),
      ...members,
    })
}
