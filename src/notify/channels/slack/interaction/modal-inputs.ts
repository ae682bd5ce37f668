/** The ids of the input blocks of our modals. */
export const INPUTS = {
  severity: 'nunchi:severity',
  note: 'nunchi:note',
  channel: 'nunchi:channel',
  options: 'nunchi:options',
  title: 'nunchi:title',
  service: 'nunchi:service',
  incident: 'nunchi:incident-name',
} as const

/** The options of the check boxes in "More". */
export const OPTIONS = { unacknowledge: 'unacknowledge' } as const

/** The value of the channel menu that stands for "where the rules send it". */
export const BY_RULES = 'by-rules'
