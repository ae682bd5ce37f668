import * as z from 'zod'
import type { ClusterFacts } from '../../app/read-cluster-facts.ts'
import { isoTime } from '../../domain/iso-time.ts'
import { requireScope } from '../../domain/require-scope.ts'
import { Cluster } from '../contract/cluster-contract.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { asAnswer } from '../mutable.ts'
import type { RouteModule } from '../route-module.ts'

const DESCRIPTION = `Which nodes there are, what each of them does, and how far behind it is. Every node gives the same answer, apart from \`isSelf\`.
An installation with storage of its own (SQLite) is one node with one partition and no leases.`

/** Looking at the nodes. */
export const clusterRoutes: RouteModule = (server, deps) => {
  server.get(
    '/cluster',
    {
      schema: {
        ...describeRoute({
          operationId: 'getCluster',
          summary: 'Look at the nodes and their work',
          tag: 'operations',
          scope: 'read',
          description: DESCRIPTION,
        }),
        querystring: z.strictObject({}),
        response: { ...problemAnswers(), 200: jsonAnswer(Cluster, 'The cluster.') },
      },
    },
    async ({ actor }) => {
      requireScope(actor, 'read')
      return asAnswer(answerOf(await deps.cluster(), deps.now()))
    },
  )
}

function answerOf({ database, log, self, nodes, partitions, leases }: ClusterFacts, now: number) {
  return {
    size: {
      database,
      log,
      nodes: nodes.filter(({ state }) => state === 'working').length,
      partitions: partitions.length,
    },
    now: isoTime(now),
    nodes: nodes.map(({ machine: _, steps: __, startedAt, ...node }) => ({
      ...node,
      isSelf: node.id === self,
      startedAt: isoTime(startedAt),
      partitions: partitions.filter(({ owner }) => owner === node.id).map(({ partition }) => partition),
    })),
    partitions,
    leases,
  }
}
