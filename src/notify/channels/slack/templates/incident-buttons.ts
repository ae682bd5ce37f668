import { firingTotal, type Incident, incidentName } from '../../../../domain/incident.ts'
import type { IncidentMessage } from '../../../channel.ts'
import type { ActionsBlock, Button, PlainText, StaticSelect } from '../block-kit.ts'
import { INCIDENT_ACTION_IDS, incidentBlockId, SILENCE_CHOICES, type SilenceChoice } from '../incident-actions.ts'
import type { MessageWords } from './english-words.ts'
import { isSilenced } from './incident-status.ts'
import { fill } from './message-words.ts'

/** What people can do with an open incident. Its status decides: no Acknowledge once it is acknowledged (the undo is behind More). */
export function openButtons(message: IncidentMessage, words: MessageWords): ActionsBlock {
  const { incident } = message
  const isActive = incident.status === 'active'
  const { acknowledge, resolve, assignToMe, more } = INCIDENT_ACTION_IDS
  const elements: readonly (Button | StaticSelect)[] = [
    ...(isActive ? [button(incident, acknowledge, words.acknowledge, { style: 'primary' })] : []),
    button(incident, resolve, words.resolve, firingTotal(incident.firing) > 0 ? askBack(incident, words) : {}),
    button(incident, assignToMe, words.assignToMe),
    silenceMenu(words, isSilenced(message)),
    button(incident, more, words.more),
  ]
  return { type: 'actions', block_id: incidentBlockId(incident.id), elements }
}

/** What people can do with a resolved one. */
export function reopenButton(incident: Incident, words: MessageWords): Button {
  return button(incident, INCIDENT_ACTION_IDS.reopen, words.reopen)
}

function button(
  incident: Incident,
  actionId: string,
  label: string,
  more: Pick<Button, 'style' | 'confirm'> = {},
): Button {
  return {
    type: 'button',
    action_id: actionId,
    text: plain(label),
    value: incident.id,
    // A screen reader may stand on a button without having read the message.
    accessibility_label: `${label} ${incidentName(incident)}`,
    ...more,
  }
}

// A resolve by mistake while alerts fire would take the incident out of everybody's sight.
function askBack(incident: Incident, words: MessageWords): Pick<Button, 'confirm'> {
  return {
    confirm: {
      title: plain(words.resolveTitle),
      text: plain(fill(words.resolveQuestion, { name: incidentName(incident) })),
      confirm: plain(words.resolve),
      deny: plain(words.cancel),
    },
  }
}

function silenceMenu(words: MessageWords, isSilent: boolean): StaticSelect {
  const choices = SILENCE_CHOICES.filter((choice) => choice !== 'off')
  const offered: readonly SilenceChoice[] = isSilent ? ['off', ...choices] : choices
  return {
    type: 'static_select',
    action_id: INCIDENT_ACTION_IDS.silence,
    placeholder: plain(isSilent ? words.changeSilence : words.silence),
    options: offered.map((choice) => ({ text: plain(words.silences[choice]), value: choice })),
  }
}

function plain(text: string): PlainText {
  return { type: 'plain_text', text, emoji: true }
}
