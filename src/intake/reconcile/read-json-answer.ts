import type { ListerSettings } from './alert-lister.ts'
import type { AskHttp } from './ask-http.ts'

type Failure = { readonly kind: 'failed'; readonly problem: string; readonly remedy: string }

export type JsonAnswer = { readonly kind: 'read'; readonly value: unknown; readonly date: number | null } | Failure

/** Asks for a small JSON document. Never throws: what goes wrong is an answer, in words for people. */
export async function readJsonAnswer(
  question: ListerSettings & { readonly path: string; readonly mostBytes: number },
  ask: AskHttp,
  stop: AbortSignal,
): Promise<JsonAnswer> {
  const { baseUrl, path, headers, timeoutMs, mostBytes } = question
  const answer = await ask({ url: new URL(path, baseUrl), headers, timeoutMs }, stop)
  if (answer.kind === 'failed') return answer
  if (answer.status !== 200) {
    answer.drop()
    return failureOfStatus(baseUrl.host, answer.status)
  }
  try {
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of answer.body) {
      bytes += chunk.length
      if (bytes > mostBytes) throw new Error('too large')
      chunks.push(chunk)
    }
    return { kind: 'read', value: JSON.parse(Buffer.concat(chunks).toString('utf8')), date: answer.date }
  } catch {
    answer.drop()
    const problem = `${baseUrl.host} answered ${path} with something that cannot be read`
    return { kind: 'failed', problem, remedy: 'Look at the server, and at proxies before it.' }
  }
}

/** What an answer that is not 200 means, and what to do about it. */
export function failureOfStatus(host: string, status: number): Failure {
  return { kind: 'failed', problem: `${host} answered ${status}`, remedy: remedyOf(status) }
}

function remedyOf(status: number): string {
  if (status === 401 || status === 403)
    return 'Check `token`, or `username` and `password`: they need leave to read alerts.'
  if (status === 404) return 'Check the path of `url`: a path prefix belongs to it, `/api/v2/alerts` does not.'
  if (status >= 300 && status < 400) return 'Redirects are not followed: give the address that it redirects to.'
  return 'Look at the server; it is asked again.'
}
