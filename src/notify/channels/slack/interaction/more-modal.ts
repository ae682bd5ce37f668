import { SEVERITIES } from '../../../../domain/severity.ts'
import type { SeenIncident } from './incident-desk.ts'
import type { InteractionTexts } from './interaction-texts.ts'
import { BY_RULES, INPUTS, OPTIONS } from './modal-inputs.ts'
import type { ModalContext } from './slack-request.ts'
import {
  checkboxes,
  inputBlock,
  menu,
  modalView,
  type Option,
  type Piece,
  plainSection,
  textInput,
} from './view-kit.ts'

/** A channel that an incident can be moved to. */
export interface MoveTarget {
  readonly id: string
  readonly label: string
}

/** Slack takes no more options in a menu. */
const MOST_OPTIONS = 100

/** The modal behind "More": severity, note, channel, and the undo of acknowledge where there is something to undo. */
export function moreModal(
  incident: SeenIncident,
  texts: InteractionTexts,
  { channels, context }: { readonly channels: readonly MoveTarget[]; readonly context: ModalContext },
): Piece {
  const { modal } = texts
  return modalView({
    callbackId: 'nunchi:more',
    title: modal.more,
    submit: modal.save,
    close: modal.cancel,
    context,
    blocks: [
      plainSection(`${incident.name}: ${incident.title}`),
      ...(incident.status === 'resolved' ? [] : [severityInput(incident, texts)]),
      inputBlock(modal.note, textInput(INPUTS.note, { isLong: true, hint: modal.noteHint }), true),
      ...(incident.status === 'resolved' || channels.length < 2 ? [] : [channelInput(incident, texts, channels)]),
      ...(incident.status === 'acknowledged' ? [undoInput(texts)] : []),
    ],
  })
}

/** The severities that people choose from, the worst first. `success` is a colour, not a state. */
export function severityOptions(texts: InteractionTexts): readonly Option[] {
  return SEVERITIES.toReversed().flatMap((severity) =>
    severity === 'success' ? [] : [{ value: severity, text: texts.severity[severity] }],
  )
}

function severityInput({ severity }: SeenIncident, texts: InteractionTexts): Piece {
  return inputBlock(texts.modal.severity, menu(INPUTS.severity, severityOptions(texts), { initial: severity }), true)
}

function channelInput({ movedTo }: SeenIncident, { modal }: InteractionTexts, channels: readonly MoveTarget[]): Piece {
  const places = channels.slice(0, MOST_OPTIONS - 1).map(({ id, label }) => ({ value: id, text: label }))
  const options = [{ value: BY_RULES, text: modal.byRules }, ...places]
  return inputBlock(modal.channel, menu(INPUTS.channel, options, { initial: movedTo ?? BY_RULES }), true)
}

function undoInput({ modal }: InteractionTexts): Piece {
  const options = [{ value: OPTIONS.unacknowledge, text: modal.unacknowledge }]
  return inputBlock(modal.undo, checkboxes(INPUTS.options, options), true)
}
