import { actorOfRequest } from './actor-of-request.ts'
import type { HttpDeps } from './http-deps.ts'
import type { HttpServer } from './route-module.ts'

/** What holds for every route under `/api/v1`: the actor is known before it runs, and bodies are JSON, where an empty one is an empty object. */
export function prepareApiScope(api: HttpServer, deps: HttpDeps): void {
  api.addHook('onRequest', async (request) => {
    request.actor = await actorOfRequest(deps, request)
  })
  const parseJson = api.getDefaultJsonParser('error', 'error')
  api.removeAllContentTypeParsers()
  api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    // It calls `done`; the promise in its type is for parsers that do not.
    else void parseJson(request, body as string, done)
  })
  api.addHook('preValidation', async (request) => {
    if (request.body === undefined && request.routeOptions.schema?.body) request.body = {}
  })
}
