import { SEVERITIES, type Severity } from '../../../../domain/severity.ts'
import { mayAct, onceKey, tell, tellOutcome, wordsOf } from './answer-visit.ts'
import type { DeskCommand, SeenIncident } from './incident-desk.ts'
import { BY_RULES, INPUTS, OPTIONS } from './modal-inputs.ts'
import { incidentName } from './read-command.ts'
import { refreshHome } from './show-home.ts'
import type { ModalValues, SlackRequest } from './slack-request.ts'
import type { Visit } from './visit.ts'

type Submission = Extract<SlackRequest, { kind: 'submission' }>

/** Does what a submitted modal asks for, and tells the person how it ended. */
export async function doSubmission(visit: Visit, submission: Submission): Promise<void> {
  const { modal, context } = submission
  if (!(await mayAct(visit, context.place))) return
  if (modal === 'nunchi:declare') await declare(visit, submission)
  else if (modal === 'nunchi:more') await changeIncident(visit, submission)
  else await addNote(visit, submission)
  if (!context.place.isHome) await refreshHome(visit)
}

async function declare(visit: Visit, { values, context }: Submission): Promise<void> {
  const answer = await visit.desk.incidents.declare(visit.actor, {
    title: textOf(values, INPUTS.title),
    severity: severityOf(values) ?? 'error',
    service: textOf(values, INPUTS.service).slice(0, 200),
    note: textOf(values, INPUTS.note),
    movedTo: null,
    idempotencyKey: onceKey(visit, 'declare'),
  })
  const done = answer.ok ? visit.texts.declared(answer.incident.name) : null
  await tellOutcome(visit, context.place, { answer, asked: '', done })
}

async function addNote(visit: Visit, { values, context }: Submission): Promise<void> {
  const name = incidentName(textOf(values, INPUTS.incident)) ?? ''
  const command = { action: 'note', incidentId: name, reason: context.note ?? '', assignee: null } as const
  const answer = await visit.desk.incidents.act(visit.actor, { ...command, idempotencyKey: onceKey(visit, 'note') })
  const done = answer.ok ? visit.texts.noted(answer.incident.name) : null
  await tellOutcome(visit, context.place, { answer, asked: name, done })
}

interface Change {
  readonly part: string
  readonly command: Pick<DeskCommand, 'action' | 'reason' | 'severity' | 'channelId'>
  readonly done: (incident: SeenIncident) => string
}

/** Several things at once: each is done or refused by itself, and all of them are told together. */
async function changeIncident(visit: Visit, { values, context }: Submission): Promise<void> {
  const { desk, actor, texts } = visit
  const incidentId = context.incidentId ?? ''
  const before = await desk.incidents.find(actor, incidentId)
  if (before === null) return await tell(visit, context.place, { text: texts.notFound(incidentId) })
  const told: string[] = []
  for (const { part, command, done } of changesOf(visit, values, before.incident)) {
    const answer = await desk.incidents.act(actor, {
      ...command,
      incidentId,
      assignee: null,
      idempotencyKey: onceKey(visit, part),
    })
    told.push(answer.ok ? done(answer.incident) : wordsOf(visit, answer, before.incident.name))
  }
  await tell(visit, context.place, { text: told.length === 0 ? texts.nothingChanged : told.join('\n') })
}

function changesOf({ texts, desk }: Visit, values: ModalValues, incident: SeenIncident): readonly Change[] {
  const changes: Change[] = []
  const severity = severityOf(values)
  const note = textOf(values, INPUTS.note)
  const channel = textOf(values, INPUTS.channel)
  const channelId = channel === BY_RULES ? null : channel
  if (severity !== null && severity !== incident.severity)
    changes.push({
      part: 'severity',
      command: { action: 'set-severity', reason: '', severity },
      done: ({ name }) => texts.severitySet(name, texts.severity[severity]),
    })
  if (channel !== '' && channelId !== incident.movedTo)
    changes.push({
      part: 'move',
      command: { action: 'move', reason: '', channelId },
      done: ({ name }) => texts.moved(name, labelOf(desk.channels, channelId) ?? texts.modal.byRules),
    })
  if (note !== '')
    changes.push({ part: 'note', command: { action: 'note', reason: note }, done: ({ name }) => texts.noted(name) })
  const options = values[INPUTS.options]
  if (Array.isArray(options) && options.includes(OPTIONS.unacknowledge))
    changes.push({
      part: 'unacknowledge',
      command: { action: 'unacknowledge', reason: '' },
      done: ({ name }) => texts.unacknowledged(name),
    })
  return changes
}

function labelOf(channels: Visit['desk']['channels'], id: string | null): string | null {
  return channels.find((channel) => channel.id === id)?.label ?? id
}

function textOf(values: ModalValues, input: string): string {
  const value = values[input]
  return typeof value === 'string' ? value.trim() : ''
}

function severityOf(values: ModalValues): Severity | null {
  return SEVERITIES.find((severity) => severity === values[INPUTS.severity]) ?? null
}
