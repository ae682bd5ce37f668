import type { JsonRecord } from '../json-scan-values.ts'

interface ForeignBody {
  readonly isIt: (body: JsonRecord) => boolean
  /** What it is, and what to change so that it can be read. */
  readonly advice: string
}

const has = (body: JsonRecord, ...names: readonly string[]): boolean =>
  names.every((name) => body[name] !== undefined && body[name] !== null)

export const SNS_ADVICE = 'It is an Amazon SNS message: those are read by a source of kind cloudwatch.'

/** Bodies that reach us because the wrong kind of receiver or the wrong address was chosen. The first that fits is told. */
const FOREIGN_BODIES: readonly ForeignBody[] = [
  { isIt: isSnsMessage, advice: SNS_ADVICE },
  {
    isIt: (body) => has(body, '@timestamp', 'data'),
    advice:
      "It is an event of Alertmanager's event recorder: point a webhook_configs entry of a receiver here instead.",
  },
  {
    isIt: (body) => has(body, 'routing_key', 'event_action') || has(body, 'service_key', 'event_type'),
    advice:
      'It is a PagerDuty event: in Alertmanager use webhook_configs instead of pagerduty_configs, in Grafana a contact point of type Webhook.',
  },
  {
    isIt: (body) => has(body, 'themeColor') || String(body['@type']).toLowerCase() === 'messagecard',
    advice:
      'It is a message for Microsoft Teams: in Grafana the contact point must be of type Webhook, in Alertmanager use webhook_configs.',
  },
  {
    isIt: (body) => Array.isArray(body.embeds),
    advice:
      'It is a message for Discord: in Grafana the contact point must be of type Webhook, in Alertmanager use webhook_configs.',
  },
  {
    isIt: (body) =>
      Array.isArray(body.attachments) ||
      Array.isArray(body.blocks) ||
      has(body, 'channel') ||
      typeof body.text === 'string',
    advice:
      'It is a message for Slack: the Grafana contact point must be of type Webhook, in Alertmanager use webhook_configs instead of slack_configs.',
  },
]

/** Whether the body is a notification or a confirmation of Amazon SNS, or a Lambda event that wraps them. */
export function isSnsMessage(body: JsonRecord): boolean {
  return has(body, 'Type', 'TopicArn', 'Message') || has(body, 'Type', 'SubscribeURL') || isLambdaEvent(body)
}

function isLambdaEvent(body: JsonRecord): boolean {
  const records = body.Records
  return Array.isArray(records) && typeof records[0] === 'object' && records[0] !== null && 'Sns' in records[0]
}

/** Whether the body is a notification of Grafana's alerting before version 9. */
export function isGrafanaLegacy(body: JsonRecord): boolean {
  return has(body, 'state') && (has(body, 'ruleId') || has(body, 'ruleName') || has(body, 'evalMatches'))
}

/** Says what a body of another system is and what to change at the sender; null when it is none that we know. */
export function adviceForForeignBody(body: JsonRecord): string | null {
  return FOREIGN_BODIES.find((foreign) => foreign.isIt(body))?.advice ?? null
}
