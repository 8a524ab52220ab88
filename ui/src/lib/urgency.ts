import type { Incident, Proposal } from './contract'
import { time } from './format'

/** The order of the incident list: who must act first. */

const OUTPUT_RANK = ['HAND_OVER_TO_NATIONAL_AUTHORITY', 'WARN_PUBLIC', 'ASSIST', 'ESCORT', 'IDENTIFY', 'MONITOR']

/** Measures that somebody has to decide on, and that one no closes: no clock runs beside them, for none may push. */
const DECIDED = new Set(['M06', 'M07', 'M08', 'M12', 'M14', 'M15', 'M16'])
export const asksForDecision = (proposal: Proposal): boolean =>
  [...proposal.measures, ...proposal.withheld].some((measure) => DECIDED.has(measure))

/** Seconds until the nearest deadline that has not passed; Infinity when none is left. */
export function nearestDeadline(incident: Incident, now_ms: number): number {
  const opened = time(incident.opened.utc)
  let nearest = Infinity
  for (const proposal of incident.proposals) {
    if (proposal.deadline_s === null || asksForDecision(proposal)) continue
    const left = opened / 1000 + proposal.deadline_s - now_ms / 1000
    if (left >= 0 && left < nearest) nearest = left
  }
  return nearest
}

/** 3 acts now, 2 act soon, 1 watch, 0 done. Never by colour alone: the page draws it as bars. */
export function urgency(incident: Incident): 0 | 1 | 2 | 3 {
  if (incident.status === 'closed') return 0
  if (incident.output === 'MONITOR') return 1
  if (incident.output === 'IDENTIFY' || incident.status === 'predicted') return 2
  return 3
}

const rank = (incident: Incident): number => {
  const i = OUTPUT_RANK.indexOf(incident.output)
  return i < 0 ? 0 : i // what we do not know is not put last
}

/** Open before closed, not yet acknowledged first, then by output and age; groups stay together. */
export function byUrgency(incidents: readonly Incident[]): Incident[] {
  const compare = (a: Incident, b: Incident): number =>
    Number(a.status === 'closed') - Number(b.status === 'closed') ||
    urgency(b) - urgency(a) ||
    Number(a.acknowledged !== null) - Number(b.acknowledged !== null) ||
    rank(a) - rank(b) ||
    time(b.opened.utc) - time(a.opened.utc) ||
    (a.incident_id < b.incident_id ? -1 : 1)
  const sorted = [...incidents].sort(compare)
  const seen = new Set<string>()
  const result: Incident[] = []
  for (const incident of sorted) {
    const group = incident.group_id
    if (group === null) result.push(incident)
    else if (!seen.has(group)) {
      seen.add(group)
      result.push(...sorted.filter((other) => other.group_id === group))
    }
  }
  return result
}
