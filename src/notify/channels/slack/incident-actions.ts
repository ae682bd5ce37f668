/** The names under which Slack tells of a click: what messages carry and what the handlers of clicks look for. */
export const INCIDENT_ACTION_IDS = {
  acknowledge: 'nunchi:acknowledge',
  resolve: 'nunchi:resolve',
  assignToMe: 'nunchi:assign-me',
  silence: 'nunchi:silence',
  reopen: 'nunchi:reopen',
  more: 'nunchi:more',
} as const

/** The values of the silence menu's options. `off` ends a silence. */
export const SILENCE_CHOICES = ['1h', '4h', '24h', 'until-resolved', 'off'] as const
export type SilenceChoice = (typeof SILENCE_CHOICES)[number]

const BLOCK_PREFIX = 'nunchi:incident:'

/** The id of the block that holds an incident's buttons. A menu carries no value of its own, so the block names the incident. */
export function incidentBlockId(incidentId: string): string {
  return `${BLOCK_PREFIX}${incidentId}`
}

/** The incident whose block this is, or null when it is a block of something else. */
export function incidentIdOfBlock(blockId: string): string | null {
  return blockId.startsWith(BLOCK_PREFIX) && blockId.length > BLOCK_PREFIX.length
    ? blockId.slice(BLOCK_PREFIX.length)
    : null
}
