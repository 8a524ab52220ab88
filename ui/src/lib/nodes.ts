import { span, NONE } from './format'
import { say, word } from './language'

export type PeerState = 'well' | 'behind' | 'silent' | 'never' | 'contested' | 'unknown'
export type Peer = {
  state: PeerState
  heard_s: number | null
  entries: number
  behind: number
  they_are_behind: number
  picture_s: number | null
  tracks: number
  we_shed: number
  they_shed: number
  key: number
  contested: boolean
  refused: number
}
export type NodeStatus = {
  nation: string
  at_ns: number
  age_s: number
  running: boolean
  link: boolean
  lost: number
  entries: number
  key: number
  contested: boolean
  isolated: boolean | null
  witnessed: number
  notes: string[]
  peers: Record<string, Peer>
  matters: { matter_id: string; standing: string }[]
}
export type Step = { utc: string; sequence: number; status: string; identity: string | null; object_class: string | null; expected_in: string | null }
export type Account = {
  nation: string
  incident_id: string
  status: string
  identity: string | null
  object_class: string | null
  icao24: string | null
  callsign: string | null
  causes: string[]
  states: string[]
  first: string
  last: string
  acknowledged: [string, string, string][]
  history: Step[]
}
export type Difference = { field: string; said: Record<string, string>; opposed: boolean }
export type SharedObject = {
  accounts: Account[]
  joined: { one: [string, string]; other: [string, string]; reason: string; words: string }[]
  identity: string | null
  object_class: string | null
  icao24: string | null
  differences: Difference[]
  expected_in: string[]
  elsewhere: [string, string][]
}

/** A sign and words for each state of a link: never colour alone. */
export const STATES: Record<PeerState, [string, string]> = {
  contested: ['‼', word('Contested: two pasts were shown')],
  silent: ['✕', word('Not heard')],
  never: ['○', word('Never heard')],
  behind: ['◐', word('Heard, entries under way')],
  well: ['●', word('Heard, nothing missing')],
  unknown: ['?', word('This node does not run')],
}
const ORDER: PeerState[] = ['contested', 'silent', 'never', 'behind', 'unknown', 'well']

/** Links with the worst first, each kind by name. */
export function byUrgency(peers: Record<string, Peer>): [string, Peer][] {
  return Object.entries(peers).sort(
    ([a, p], [b, q]) => ORDER.indexOf(p.state) - ORDER.indexOf(q.state) || a.localeCompare(b),
  )
}
/** How many links are in each state that there is */
export function counts(peers: Record<string, Peer>): [PeerState, number][] {
  return ORDER.map((state): [PeerState, number] => [state, Object.values(peers).filter((p) => p.state === state).length]).filter(
    ([, n]) => n > 0,
  )
}
/** "0.4 s", "2 min 05 s"; a dash where it never came. `more_s` has passed since the figure was written. */
export function age(seconds: number | null, more_s: number): string {
  if (seconds === null) return NONE
  const now = seconds + more_s
  return now < 10 ? `${now.toFixed(1)} s` : span(now)
}
/** What it is called: its callsigns, else its address, else the incident where it began */
export function title(one: SharedObject): string {
  const names = [...new Set(one.accounts.map((a) => a.callsign).filter((c): c is string => !!c))]
  if (names.length) return names.join(' / ')
  return one.icao24 ? one.icao24.toUpperCase() : one.accounts[0]!.incident_id
}
const words = (value: string | null): string => say((value ?? 'not told').replaceAll('_', ' '))
export const identityWords = words
/** Objects about which nations are opposed first, then those that differ, then the rest as they came */
export function gravestFirst(objects: SharedObject[]): SharedObject[] {
  const rank = (one: SharedObject): number =>
    one.differences.some((d) => d.opposed) || one.elsewhere.length ? 0 : one.differences.length ? 1 : 2
  return objects.map((one, k): [number, number, SharedObject] => [rank(one), k, one]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , one]) => one)
}
