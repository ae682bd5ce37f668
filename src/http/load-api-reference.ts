import { gzipSync } from 'node:zlib'
import apiReference from '@scalar/fastify-api-reference'
import fastify from 'fastify'

/**
 * The script that draws the API's page, gzipped. The package gives it only through routes of its own, so a server that
 * never listens serves it to us. The build runs this once and puts the result into the bundle instead of the
 * package: 4 MB of text would be kept by every thread.
 */
export async function loadApiReference(): Promise<Buffer> {
  const shelf = fastify()
  await shelf.register(apiReference, { routePrefix: '/docs', configuration: { url: 'openapi.json' } })
  const { rawPayload } = await shelf.inject('/docs/js/scalar.js')
  await shelf.close()
  return gzipSync(rawPayload, { level: 9 })
}
