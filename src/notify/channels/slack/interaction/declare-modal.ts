import type { InteractionTexts } from './interaction-texts.ts'
import { INPUTS } from './modal-inputs.ts'
import { severityOptions } from './more-modal.ts'
import type { ModalContext } from './slack-request.ts'
import { inputBlock, menu, modalView, type Piece, textInput } from './view-kit.ts'

const LONGEST_TITLE = 300

/** The modal in which a person opens an incident by hand; `begin` is what is filled in already. */
export function declareModal(
  texts: InteractionTexts,
  context: ModalContext,
  begin: { readonly title: string; readonly note: string },
): Piece {
  const { modal } = texts
  const title = begin.title.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_TITLE)
  return modalView({
    callbackId: 'nunchi:declare',
    title: modal.declare,
    submit: modal.open,
    close: modal.cancel,
    context,
    blocks: [
      inputBlock(modal.title, textInput(INPUTS.title, { initial: title, hint: modal.titleHint })),
      inputBlock(modal.severity, menu(INPUTS.severity, severityOptions(texts), { initial: 'error' })),
      inputBlock(modal.service, textInput(INPUTS.service, {}), true),
      inputBlock(modal.note, textInput(INPUTS.note, { isLong: true, initial: begin.note, hint: modal.noteHint }), true),
    ],
  })
}

/** The modal that asks to which incident a message belongs that stands in no incident's thread. */
export function timelineModal(texts: InteractionTexts, context: ModalContext): Piece {
  const { modal } = texts
  return modalView({
    callbackId: 'nunchi:add-to-timeline',
    title: modal.addToTimeline,
    submit: modal.save,
    close: modal.cancel,
    context,
    blocks: [inputBlock(modal.incident, textInput(INPUTS.incident, { hint: modal.incidentHint }))],
  })
}
