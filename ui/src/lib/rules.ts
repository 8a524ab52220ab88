import type { Judged, Proposal } from './contract'

const key = (p: Proposal): string => [p.measures.join(), p.withheld.join(), p.not_permitted, p.authority, p.deadline].join('|')

/** In what two rule sets differ about an incident: `output`, `force`, and rules that apply by one only or say otherwise. */
export function differs(one: Omit<Judged, 'incident_id'>, other: Omit<Judged, 'incident_id'>): string[] {
  const found: string[] = []
  if (one.output !== other.output) found.push('output')
  if (one.force_question !== other.force_question) found.push('force')
  const [here, there] = [one, other].map((of) => new Map(of.proposals.map((p) => [p.rule, key(p)])))
  for (const rule of new Set([...here!.keys(), ...there!.keys()])) if (here!.get(rule) !== there!.get(rule)) found.push(rule)
  return found
}
