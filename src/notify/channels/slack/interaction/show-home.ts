import { hasScope } from '../../../../domain/actor.ts'
import { callSlack, type SlackLine } from '../call-slack.ts'
import { closedHomeView, homeView } from './home-view.ts'
import type { InteractionTexts } from './interaction-texts.ts'
import type { Piece } from './view-kit.ts'
import type { Visit } from './visit.ts'

/** Enough to say how many more there are, and few enough to be quick. */
const MOST_LISTED = 50
/** Who opened the Home tab within this time probably still has it open somewhere. */
const VISIT_MS = 3_600_000
const MOST_VISITORS = 1_000

/** Brings the person's Home tab up to date. A failure is reported: the next visit tries again. */
export async function showHome(visit: Visit, notice: string | null): Promise<void> {
  const { desk, actor, texts, receipt } = visit
  const mine = await desk.incidents.list(actor, { limit: MOST_LISTED, owner: actor.id })
  const severe = await desk.incidents.list(actor, { limit: MOST_LISTED, severity: 'critical' })
  const own = new Set(mine.map(({ id }) => id))
  const view = homeView(
    {
      mine,
      critical: severe.filter(({ id }) => !own.has(id)),
      mayAct: hasScope(actor, 'respond'),
      notice: notice === '' ? null : notice,
      now: desk.now(),
    },
    texts,
  )
  if (!(await publish(visit.line, receipt.userId, view)))
    desk.onUntold({ what: 'home', detail: 'The Home tab could not be brought up to date' })
}

/** Shows somebody who may see nothing why that is so. False when it did not work. */
export async function showClosedHome(
  line: SlackLine,
  userId: string,
  { why, texts }: { readonly why: string; readonly texts: InteractionTexts },
): Promise<boolean> {
  return await publish(line, userId, closedHomeView(why, texts))
}

async function publish(line: SlackLine, userId: string, view: Piece): Promise<boolean> {
  return (await callSlack(line, (client) => client.apiCall('views.publish', { user_id: userId, view }))).ok
}

/** Notes that the person looks at the Home tab. */
export function noteHomeVisit({ desk, receipt }: Visit): void {
  const { homes } = desk
  homes.delete(receipt.userId)
  homes.set(receipt.userId, desk.now())
  const [oldest] = homes.keys()
  if (homes.size > MOST_VISITORS && oldest !== undefined) homes.delete(oldest)
}

/** Brings the Home tab up to date after the person acted elsewhere, if it was looked at lately. */
export async function refreshHome(visit: Visit): Promise<void> {
  const lookedAt = visit.desk.homes.get(visit.receipt.userId)
  if (lookedAt !== undefined && visit.desk.now() - lookedAt < VISIT_MS) await showHome(visit, null)
}
