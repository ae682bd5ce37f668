import type { ActivityTables } from './tables/activity-tables.ts'
import type { AuthTables } from './tables/auth-tables.ts'
import type { ClusterTables } from './tables/cluster-tables.ts'
import type { DeliveryLogTables } from './tables/delivery-log-tables.ts'
import type { IncidentTables } from './tables/incident-tables.ts'
import type { IntakeTables } from './tables/intake-tables.ts'
import type { JobTables } from './tables/job-tables.ts'
import type { NotificationTables } from './tables/notification-tables.ts'
import type { PeopleTables } from './tables/people-tables.ts'

/**
 * Every table of the main database as Kysely sees it. Written for three engines at once: ids are made by the
 * program, instants are milliseconds since 1970 in 64-bit integers, booleans are 0/1, JSON is text that the
 * reader decodes, and `tenant_id` leads every key. Table docs stand with the statement that creates them.
 */
export interface Schema
  extends IncidentTables,
    JobTables,
    IntakeTables,
    DeliveryLogTables,
    NotificationTables,
    AuthTables,
    PeopleTables,
    ClusterTables,
    ActivityTables {}
