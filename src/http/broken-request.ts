import type { Socket } from 'node:net'
import { PROBLEM_JSON } from './contract/problem-contract.ts'
import { PROBLEMS, type ProblemCode, problemType } from './problem-catalogue.ts'

/** Answers what never became a request (broken HTTP, headers too large or too slow) and closes the connection. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  // Nothing to answer to: the peer is gone, or an answer is already on its way.
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy(error)
    return
  }
  const code = codeOf(error)
  const { status, title, remedy } = PROBLEMS[code]
  const body = JSON.stringify({ type: problemType(code), title, status, detail: remedy, instance: '' })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: ${PROBLEM_JSON}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
  )
}

function codeOf(error: NodeJS.ErrnoException): ProblemCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'header-too-large'
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request-timeout' : 'malformed-request'
}
