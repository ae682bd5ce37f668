import { LogLevel, WebAPIPlatformError, WebClient } from '@slack/web-api'
import { DEFAULT_TOKEN, type FakeSlack } from './fake-slack.ts'

/** A logger that says nothing. */
export const QUIET = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
}

/** The official client, pointed at a fake Slack and set up as a durable outbox sets it up: no retries of its own. */
export function clientOf(slack: FakeSlack, token: string | undefined = DEFAULT_TOKEN, timeout = 5_000): WebClient {
  const patience = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout }
  return new WebClient(token, { slackApiUrl: slack.apiUrl, logger: QUIET, ...patience })
}

/** The answer with which Slack refused a call; fails when the call succeeded or failed in another way. */
export async function rejectedAnswer(
  call: Promise<unknown>,
): Promise<Readonly<Record<string, unknown>> & { error: string }> {
  const failure = await call.then(
    () => new Error('The call was not refused.'),
    (error: unknown) => error,
  )
  if (failure instanceof WebAPIPlatformError) return failure.data as unknown as { error: string }
  throw failure
}
