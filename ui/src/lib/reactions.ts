import { say } from './language'

/** The register of reactions, as `GET /api/reactions` gives it. Every text in it comes from outside. */

export const NO_PARTY = 'unnamed'

export interface Reaction {
  reaction_id: string
  actor: { party: string | null; person: string | null; office: string | null }
  addressees: string[]
  kind: 'statement' | 'act'
  when: { utc: string; text: string; precision: string }
  words: string | null
  language: string | null
  translated: boolean
  act: string | null
  source: { publisher: string; address: string; date: string }
  reliability: string
  code_text: string
  score: number | null
  rung: number | null
  incidents: string[]
  corrects: string | null
  status: 'in force' | 'retracted' | 'corrected'
  corrected_by: string | null
  retraction: { whose: string; reason: string } | null
  disputes: { reason: string; given_to: string[]; open: boolean }[]
}
export interface Occasion {
  occasion_id: string
  kind: 'incident' | 'decision'
  when: { utc: string; text: string }
  parties: string[]
  title: string
  severity: string | null
}
export interface Pair { before_id: string; reaction_id: string; order_sure: boolean; reason: string }
export interface Tension {
  actor: string
  addressee: string
  index: number
  undisputed: number
  entries: number
  disputed: number
  unscored: number
  level: { rung: number | null; name: string | null; doubted_rung: number | null }
  course?: [number, number][] // ms, index
}
export interface Reactions {
  register: string
  reactions: Reaction[]
  earlier: number // left out: only the latest are sent
  occasions: Occasion[]
  pairs: Pair[]
  pair_rule: string
  contradictions: { what: string; given_to: string[]; reaction_ids: string[]; reason: string; open: boolean }[]
  tension: { formula: string; pairs: Tension[] }
  set_aside: number
  breaks: number[]
}

/** One row of the time line. */
export interface Moment {
  id: string
  at: number
  text: string
  reaction?: Reaction
  occasion?: Occasion
  after: Pair[] // what it follows
  before: Pair[] // what follows it
}

/** All rows by time, an occasion before what is dated alike; `party`: only of it or to it. */
export function moments(shown: Reactions, party: string): Moment[] {
  const row = (id: string, when: { utc: string; text: string }): Omit<Moment, 'reaction' | 'occasion'> => ({
    id, at: Date.parse(when.utc), text: when.text,
    after: shown.pairs.filter((p) => p.reaction_id === id), before: shown.pairs.filter((p) => p.before_id === id),
  })
  const occasions: Moment[] = shown.occasions
    .filter((o) => !party || o.parties.includes(party))
    .map((occasion) => ({ ...row(occasion.occasion_id, occasion.when), occasion }))
  const reactions: Moment[] = shown.reactions
    .filter((r) => !party || (r.actor.party ?? NO_PARTY) === party || r.addressees.includes(party))
    .map((reaction) => ({ ...row(reaction.reaction_id, reaction.when), reaction }))
  return [...occasions, ...reactions].sort((a, b) => a.at - b.at)
}

/** Points of a curve; all pairs share one scale, so that curves can be compared. */
export function course(points: [number, number][], width: number, height: number, all: Tension[]): string {
  if (points.length < 2) return ''
  const top = Math.max(1e-9, ...all.flatMap((one) => (one.course ?? []).map(([, index]) => index)))
  const first = points[0][0]
  const span = Math.max(1, points[points.length - 1][0] - first)
  return points.map(([ms, index]) => `${(((ms - first) / span) * width).toFixed(1)},${(height - 1 - (index / top) * (height - 3)).toFixed(1)}`).join(' ')
}

/** The register; null where the run has none, a reason in words where it cannot be read. */
export async function fetchReactions(): Promise<Reactions | null | string> {
  try {
    const answer = await fetch('/api/reactions')
    const body = (await answer.json()) as Reactions & { register: string | null; error?: string }
    if (!answer.ok) return body.error ?? say('the server answers {status}', { status: answer.status })
    return body.register === null ? null : body
  } catch {
    return say('the server does not answer')
  }
}
