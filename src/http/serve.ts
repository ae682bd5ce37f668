import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { App } from '../app/build-app.ts'
import { type AppDeps, buildApp } from '../app/build-app.ts'
import type { Config } from '../app/config/config-shape.ts'
import { reachableAddress } from '../app/node-identity.ts'
import { settleMemorySoon } from '../app/settle-memory.ts'
import { NUNCHI_VERSION } from '../app/version.ts'
import { hashOfToken } from '../auth/key-secret.ts'
import type { HttpDeps } from './http-deps.ts'
import { BODY_LIMITS } from './read-body.ts'
import { createHttpServer } from './server.ts'

/** The product with its HTTP door open. */
export interface RunningNunchi {
  /** Where it listens, e.g. `http://127.0.0.1:9009`. */
  readonly address: string
  /** Not ready first, then requests in flight finish, then everything ends in reverse order. */
  readonly close: () => Promise<void>
}

/** How long requests in flight may take to finish once it is told to stop; then their sockets are cut and senders try again. */
const DRAIN_MS = 5_000

/** Builds the product and opens its door. Throws what is wrong in words for an operator; then nothing is left running. */
export async function startNunchi(config: Config, deps: AppDeps): Promise<RunningNunchi> {
  const app = await buildApp(config, deps)
  let isReady = false
  try {
    const server = createHttpServer(httpDepsOf(app, () => isReady))
    await server.listen({ host: config.host, port: config.port })
    await app.listensAt(reachableAddress(config.host, (server.server.address() as AddressInfo).port))
    isReady = true
    settleMemorySoon()
    return {
      address: addressOf(server, config.host),
      close: async () => {
        isReady = false
        // The other nodes need not wait until the last answer is out.
        const handedOver = app.handOver()
        await drain(server)
        await handedOver
        await app.close()
      },
    }
  } catch (error) {
    await app.close()
    throw error
  }
}

async function drain(server: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS)
  await server.close()
  clearTimeout(cut)
}

function httpDepsOf(app: App, isReady: () => boolean): HttpDeps {
  const { config } = app
  return {
    ...app,
    version: NUNCHI_VERSION,
    tenantId: config.tenantId,
    environment: config.environment,
    channels: config.channels.map(({ id, kind, label }) => ({ id, kind, label })),
    defaultChannel: config.defaultChannel,
    isOpen: config.isOpen,
    configuredKeys: config.apiKeys.map(({ name, key, scopes }) => ({
      name,
      scopes,
      secretHash: hashOfToken(key.reveal()),
    })),
    alertWaitMs: config.alertWaitMs,
    intakeLimits: { ...BODY_LIMITS, mostBytes: config.intake.maxBodyBytes },
    isReady,
  }
}

function addressOf(server: FastifyInstance, host: string): string {
  const { port } = server.server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
