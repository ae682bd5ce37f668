/** Who may ask, and what was asked. */
export interface AuthTables {
  api_key: ApiKeyTable
  audit_entry: AuditEntryTable
  idempotent_reply: IdempotentReplyTable
}

/** A row of `api_key`. */
export interface ApiKeyTable {
  tenant_id: string
  id: string
  name: string
  secret_hash: string
  scopes: string
  created_at: number
  created_by: string
  last_used_at: number | null
  revoked_at: number | null
}

interface AuditEntryTable {
  tenant_id: string
  id: string
  at: number
  actor_id: string
  actor_name: string
  actor_via: string
  action: string
  subject: string
  data: string
}

/** Answers already given to commands that carried an Idempotency-Key. */
interface IdempotentReplyTable {
  tenant_id: string
  actor_id: string
  idempotency_key: string
  request_hash: string
  status: number
  body: string
  created_at: number
}
