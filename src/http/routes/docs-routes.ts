import type { RouteModule } from '../route-module.ts'

const HIDDEN = { schema: { hide: true } } as const

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nunchi API</title>
<link rel="icon" href="data:,">
</head>
<body>
<noscript>This page needs JavaScript. The same document for programs: <a href="openapi.json">openapi.json</a></noscript>
<div id="app"></div>
<script src="docs/reference.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`

/** Nothing that this page shows leaves this machine: no fonts, no proxy, no telemetry, no assistant. */
const START = `Scalar.createApiReference('#app', {
  url: 'openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  hideClientButton: true,
  persistAuth: false,
  documentDownloadType: 'direct',
  theme: 'default',
  metaData: { title: 'Nunchi API' },
})
`

/** The page draws itself with inline styles; scripts, data and everything else come from here alone. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** `/openapi.json`, and `/docs`, a page that shows it without fetching anything from elsewhere. */
export const docsRoutes: RouteModule = (server) => {
  let document: string | null = null
  let reference: Promise<Buffer> | null = null

  server.get('/openapi.json', HIDDEN, async (_request, reply) => {
    document ??= JSON.stringify(server.swagger())
    return await reply.type('application/json').header('cache-control', 'no-cache').send(document)
  })

  server.get('/docs', HIDDEN, async (_request, reply) => {
    return await reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-cache' })
      .send(PAGE)
  })

  server.get('/docs/', HIDDEN, async (_request, reply) => await reply.redirect('../docs', 301))

  server.get('/docs/start.js', HIDDEN, async (_request, reply) => {
    return await reply.type('text/javascript; charset=utf-8').header('cache-control', 'no-cache').send(START)
  })

  server.get('/docs/reference.js', HIDDEN, async (_request, reply) => {
    reference ??= import('../load-api-reference.ts').then(({ loadApiReference }) => loadApiReference())
    return await reply
      .type('text/javascript; charset=utf-8')
      .headers({ 'content-encoding': 'gzip', 'cache-control': 'max-age=3600' })
      .send(await reference)
  })
}
