/** Who acts from chat, and what they asked for there. */
export interface PeopleTables {
  person: PersonTable
  person_link: PersonLinkTable
  slack_receipt: SlackReceiptTable
  slack_workspace: SlackWorkspaceTable
}

/** Somebody whom the configuration names. Those it names no more stay, because timelines refer to them. */
export interface PersonTable {
  tenant_id: string
  id: string
  name: string
  /** In lower case. */
  email: string
  role: string
  removed_at: number | null
}

/** Which person a chat account belongs to. */
interface PersonLinkTable {
  tenant_id: string
  team_id: string
  user_id: string
  person_id: string
  linked_at: number
}

/** What somebody asked for in Slack, stored before Slack is answered. */
interface SlackReceiptTable {
  tenant_id: string
  id: string
  /** Names the click, command or event: a second copy of it is not stored. */
  payload_id: string
  workspace: string
  request: string
  received_at: number
  handled_at: number | null
}

/** What Slack said of the workspace of a bot token. */
interface SlackWorkspaceTable {
  tenant_id: string
  name: string
  /** Of the token that was asked: with another token all of it is unknown. */
  token_hash: string
  team_id: string
  bot_user_id: string
  /** Of the first request whose signature was right; NULL before. */
  app_id: string | null
  seen_at: number
}
