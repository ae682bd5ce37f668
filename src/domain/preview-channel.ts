/** The id of the channel that only pretends to send: what would have been posted is listed instead. */
export const PREVIEW_CHANNEL = 'preview'
