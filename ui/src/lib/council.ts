import { importKey } from './signing'
import { say, word } from './language'

/** A matter of the council as `/api/council` gives it, and acts on it, signed here. */

export type Position = 'yes' | 'no' | 'aside' | 'absent' | 'left' | 'silent'
export interface Matter {
  file: string
  matter_id: string
  roster: string
  keys: Record<string, string[]>
  revoked: string[]
  kind: string | null
  title: string
  drill: boolean
  status: 'empty' | 'talks' | 'silence' | 'agreed' | 'withdrawn' | 'lapsed'
  agreed_by: 'silence' | 'consent' | null
  opened_by: string | null
  current: string | null
  deadline: { utc: string; zone: string } | null
  positions: Record<string, Position>
  objections: { party: string; person: string; reason: string; utc: string; version: string; outstanding: boolean }[]
  versions: { digest: string; text: string; party: string; utc: string; words: string; changes: string[] }[]
  events: { kind: string; party: string | null; words: string; utc: string }[]
  shield: Shield | null
  contradictions: string[]
  torn_bytes: number
  head: string
}
/** A shield as it stands in a matter; only `fault` where its text cannot be read. */
export type Shield = { fault: string } | StandingShield
export interface StandingShield {
  fault: null
  version: string
  name: string
  purpose: string
  in_force: boolean
  words: string
  missing: string[]
  hosts: Record<string, string>
  since: string
  until: string
  floor: string
  ceiling: string
  rules: string[]
  measures: string[]
  contributions: { state: string; sensors: string[]; alerts: string[]; places: string[]; caveats: string[] }[]
}
interface Figures {
  area_km2: number
  layers: { height_amsl_m: number; in_volume: boolean; one: number; two: number; silent: number; gap_km2: number }[]
  volume: { one: number; two: number; silent: number }
  reaction: { median_s: number | null; longest_s: number | null }
  cost: { days: number; alert_hours: number; alert_sorties: number }
}
export interface Cover { figures: Figures; without: { state: string; host: boolean; takes: string[]; figures: Figures }[] }
export interface Council { now: string; matters: Matter[]; faults: { file: string; error: string }[] }
export interface Delegate { party: string; public_key: string; key: CryptoKey }
export type Deed = 'object' | 'lift' | 'consent' | 'abstain' | 'leave' | 'remark' | 'put' | 'place' | 'absent' | 'revoke' | 'withdraw'
const OF_A_VERSION: readonly Deed[] = ['object', 'lift', 'consent', 'abstain', 'place']
/** What an act says beside its words. */
export interface Content { text?: string; deadline_ms?: number; about?: string; revoked_key?: string }

/** The key in a file of `vedette council key`. Throws a sentence for people where there is none. */
export async function readPartyKey(text: string): Promise<Delegate> {
  let file: Record<string, unknown>
  try {
    file = JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new Error(say('This file holds no key of a party.'))
  }
  const { party, private_key, public_key } = file ?? {}
  if ([party, private_key, public_key].some((x) => typeof x !== 'string' || !x)) throw new Error(say('This file holds no key of a party.'))
  const key = await importKey(private_key as string, public_key as string)
  return { party: party as string, public_key: public_key as string, key }
}

/** The bytes that are signed. The time goes in as digits: it has more than a number holds. */
export function deedText(matter: Matter, party: string, person: string, kind: Deed, words: string, now_ms: number, act_id: string, content: Content = {}): string {
  const facts = {
    act_id, matter_id: matter.matter_id, roster: matter.roster, party, person, office: 'delegation', kind,
    version: OF_A_VERSION.includes(kind) ? matter.current : null, words, seen: matter.head,
    ...(content.text === undefined ? {} : { text: content.text }),
    ...(content.about === undefined ? {} : { about: content.about }),
    ...(content.revoked_key === undefined ? {} : { revoked_key: content.revoked_key }),
    ...(content.deadline_ms === undefined ? {} : { deadline_zone: 'UTC' }),
  }
  const deadline = content.deadline_ms === undefined ? '' : `,"deadline_ns":${Math.floor(content.deadline_ms)}000000`
  return `${JSON.stringify(facts).slice(0, -1)}${deadline},"valid_ns":${Math.floor(now_ms)}000000}`
}

/** Whether a key may act for its party in a matter. */
export const mayAct = (matter: Matter, delegate: Delegate | null): boolean =>
  !!delegate && (matter.keys[delegate.party] ?? []).includes(delegate.public_key) && !matter.revoked.includes(delegate.public_key)

/** Time until a deadline, in words; past it, that it has passed. */
export function untilWords(deadline_ms: number, now_ms: number): string {
  const left_s = Math.floor((deadline_ms - now_ms) / 1000)
  if (!(left_s > 0)) return say('the deadline has passed')
  const [d, h, m, s] = [Math.floor(left_s / 86_400), Math.floor(left_s / 3600) % 24, Math.floor(left_s / 60) % 60, left_s % 60]
  const parts = d ? [`${d} d`, `${h} h`] : h ? [`${h} h`, `${m} min`] : m ? [`${m} min`, `${s} s`] : [`${s} s`]
  return say('{span} left', { span: parts.join(' ') })
}

export const MARKS: Record<Position, [string, string]> = {
  yes: ['✓', word('has consented')], no: ['✕', word('objects')], aside: ['~', word('stands aside')], absent: ['∅', word('cannot be reached')],
  left: ['⇥', word('has left')], silent: ['·', word('has said nothing')],
}
/** The same with a number before it */
export const COUNTED: Record<Position, string> = {
  yes: word('{count} consented'), no: word('{count} object'), aside: word('{count} stand aside'), absent: word('{count} cannot be reached'), left: word('{count} left'),
  silent: word('{count} said nothing'),
}
export const count = (matter: Matter, position: Position): number =>
  Object.values(matter.positions).filter((p) => p === position).length
