/** What the server says. Every text in here comes from outside and is only ever shown as text. */

export const CLASSES = [
  'airliner', 'ga_aircraft', 'helicopter_civil', 'glider_ultralight', 'military_aircraft',
  'helicopter_military', 'drone_small', 'drone_long_range', 'cruise_missile', 'ballistic_missile',
  'balloon', 'bird', 'clutter_artefact', 'unknown',
] as const
export const IDENTITIES = [
  'pending', 'unknown', 'assumed_friend', 'friend', 'neutral', 'suspect', 'hostile',
] as const
export const STATUSES = ['tentative', 'confirmed', 'coasting'] as const

export type ObjectClass = (typeof CLASSES)[number]
export type Identity = (typeof IDENTITIES)[number]
export type Answer = 'yes' | 'no' | 'unknown'

export interface Hello {
  version: string
  mode: 'live' | 'demo' | 'replay'
  exercise: boolean
  record: string | null
  started: string
  council?: boolean // matters are shown on a page of their own
  labels?: Record<string, string>
  hears?: boolean // false: nothing can be said here, it is a replay
  account?: SignedIn | null // who looks, where the server knows people; null: this machine alone
}

export interface SignedIn { account_id: string; person: string; office: string; roles: string[] }

/** A replay: how far it has come, and where this page is in it */
export interface Course {
  from_ms: number
  to_ms: number
  at_ms: number
  speed: number
  playing: boolean
  whole: boolean
  differs: string | null
  marks: { incident_id: string; at_ms: number }[]
  other_rules?: string | null // that it is compared with
  judged?: boolean // all of it, by them
}

/** What another rule set says of an incident */
export type Judged = Pick<Incident, 'incident_id' | 'output' | 'force_question' | 'proposals'>

export interface Bounds { estimate: number; low: number; high: number }
export interface Moment { utc: string; low?: string; high?: string }

export interface Crossing {
  state: string | null
  zone_id: string
  zone_name?: string
  entered: Moment | null
  left: Moment | null
  inside_s: Bounds
  depth_m: Bounds
  probability: number
  predicted?: boolean
  lost_inside: boolean
}

export interface Proposal {
  rule: string
  measures: string[]
  measures_text?: string[]
  withheld: string[]
  not_permitted: string
  authority: string
  deadline: string
  deadline_s: number | null
  reasons: string[]
  sources: string[]
}

export interface Evidence {
  source: string
  statement: string
  supports: string
  log_odds: number
  valid: Moment
  would_change: string
}

export interface HandOver {
  from_state: string | null
  state: string | null
  zone_id: string
  told: Moment
  expected: Moment
  probability: number
  entered: Moment | null
  withdrawn: Moment | null
}

export interface Incident {
  incident_id: string
  group_id: string | null
  status: 'predicted' | 'open' | 'lost' | 'closed'
  causes: string[]
  object: {
    track_id: string
    class: ObjectClass
    class_probability: number | null
    identity: Identity
    icao24: string | null
    callsign: string | null
    mode3a?: string | null
  }
  crossings: Crossing[]
  hand_overs?: HandOver[]
  disputed?: Crossing[]
  proposals: Proposal[]
  output: string
  force_question: 'never' | 'closed' | 'admissible'
  opened: Moment
  valid: Moment
  position: {
    latitude_deg: number
    longitude_deg: number
    pressure_altitude_m: number | null
    ground_speed_mps: number
    track_angle_deg: number
  }
  sensors: string[]
  needs: string[]
  civil: string
  explained_by: string | null
  evidence: Evidence[]
  doubts: string[]
  checks: Record<string, Answer>
  gate: Record<string, Answer>
  undetermined: string[]
  national_authority?: string | null
  rule_set?: string | null
  acknowledged: { person: string; utc: string; signed: boolean } | null
}

export interface FeedHealth {
  feed_id: string
  url: string
  state: 'waiting' | 'alive' | 'dead' | 'ended'
  heard: Moment | null
  chunks: number
  size_bytes: number
  plots: number
  unplaced: number
  faults: number
  counts: Record<string, number>
  clock_offset_s: number | null
  clock_sigma_s: number | null
  reconnects: number
}

/** What a radar is found to be wrong by, already taken off its plots. */
export interface SensorBias {
  sensor_id: string
  range_m: number
  range_sigma_m: number
  azimuth_rad: number
  azimuth_sigma_rad: number
  time_s: number
  time_sigma_s: number
  plots: number
  alarm: boolean
}

export interface Ledger { entries: number; tree_head: string; verified: boolean | null }

export interface TrackName {
  slot: number
  track_id: string
  callsign: string | null
  icao24: string | null
  mode3a: string | null
  foreign?: boolean // no sensor of ours has seen it: others tell us of it
  registry?: string | null // state of the address block
}

export interface Limit { height_m: number; datum: 'hae' | 'amsl' | 'agl' | 'pressure' }
/** Hours that come again; dawn and dusk are written with minutes added: "sunset+30" */
export interface Hours {
  days: string[]
  start: string
  end: string
  first: string | null
  last: string | null
  utc_offset_min: number
  excluded: boolean
}

export interface ZoneProperties {
  zone_id: string
  kind: string
  name: string
  state: string | null
  member: boolean
  note?: string
  claims?: string[]
  source?: string
  authority?: string | null
  floor?: Limit | null // null: the ground
  ceiling?: Limit | null // null: no upper limit
  valid_from?: string | null
  valid_to?: string | null
  schedule?: Hours[] // empty: always
  dormant?: boolean // active only when a notice says so
  boundary_sigma_m?: number
  border?: { sigma_m: number; basis: string }[]
}
/** When a zone is active, in the day from a time on */
export interface ZoneTimes { zone_id: string; at_ms: number; active: boolean; stretches_ms: [number, number][] }

/** A sensor whose site is known, and as far as it sees at one height. How it stands is with its feed. */
export interface SensorSite {
  sensor_id: string
  kind: string
  latitude_deg: number
  longitude_deg: number
  height_hae_m: number
  range_m: number
  feed_id: string | null // that its plots come from; null: none yet
  outline: [longitude_deg: number, latitude_deg: number][]
}
export interface Coverage { height_amsl_m: number; with_terrain: boolean; sensors: SensorSite[] }

/** Heights are on the scale of the profile; low and high hold the truth with 95 %. */
export interface ProfilePoint {
  ms: number
  along_m: number
  latitude_deg: number
  longitude_deg: number
  height_m: number | null
  low_m: number | null
  high_m: number | null
  datum: 'pressure' | 'geometric' | null // what was measured
  predicted: boolean
}
export interface ProfilePiece {
  from_m: number // along the way
  to_m: number
  floor_m: number | null // null: the ground
  floor_sigma_m: number
  ceiling_m: number | null // null: none
  ceiling_sigma_m: number
}
export interface ProfileZone {
  zone_id: string
  kind: string
  name: string
  state: string | null
  active: boolean
  floor: Limit | null
  ceiling: Limit | null
  pieces: ProfilePiece[]
}
/** A track's heights along its way against the zones under it. */
export interface TrackProfile {
  track_id: string
  at_ms: number
  pressure_altitude_m: number | null
  height_hae_m: number | null
  climb_mps: number | null
  profile: {
    scale: 'pressure' | 'amsl'
    points: ProfilePoint[]
    zones: ProfileZone[]
    ground_m: (number | null)[] | null // under each point; null: no terrain is known
  }
}

export type TrailPoint = [number, number, number, number | null, number]

export interface Office {
  office_id: string
  title: string
  roles: string[]
  state: string | null
  holders: { person: string; public_key: string }[]
}

/** One question put to offices: may this measure be taken for this object? */
export interface Paper {
  paper_id: string
  incident_id: string
  track_id: string
  measure: string
  measure_text: string
  question: string // as it is put: the words of the measure, or those that the rules prescribe
  state: string | null
  rules: string[]
  not_permitted: string[]
  authority: string[]
  basis: string
  against: string[]
  attributed_to: string | null
  attribution: string
  seats: { roles: string[]; said_yes: boolean }[]
  opened: Moment
  status: 'open' | 'asked' | 'refused' | 'accepted' | 'withdrawn' | 'lapsed'
  decided: Moment | null
  words: PaperWord[]
  void?: PaperWord[] // their key was revoked since: they count no more
}

export interface PaperWord { kind: 'accept' | 'reject' | 'ask'; person: string; office: string; seen: Moment; act_id: string; words: string }

/** What can still be done before the object is gone, or there. It asks for nothing. */
export interface Clock {
  incident_id: string
  valid: Moment
  limit: { kind: 'exit' | 'entry'; zone_id: string; state: string | null; probability: number; horizon_s: number; left_s: Bounds | null } | null
  steps: {
    measure: string
    status: string
    remaining: string[]
    needed_s: Bounds
    in_time: number
    late_step: string | null
    helps: string | null
    helped: number | null
  }[]
}

/** One cell of the map of interference, by its south-west corner. */
export interface InterferenceCell {
  latitude_deg: number
  longitude_deg: number
  height_deg: number
  width_deg: number
  seen: number
  affected: number
  spoofed: number
  probability: number
}

export interface LedgerStep {
  source: string
  statement: string
  valid: Moment
  log_odds: number
  running: number
  probability: number
  would_change: string
}

/** Why a track is said to be what it is. */
export interface Explanation {
  track_id: string
  class: ObjectClass
  identity: Identity
  civil: string
  ledgers: { hypothesis: string; steps: LedgerStep[] }[]
  rules: { source: string; statement: string; supports: string; would_change: string }[]
  what_if: { evidence: string; log_odds: number; class: ObjectClass; class_probability: number; identity: Identity; civil: string }[]
  integrity: { verdict: string; reasons: string[] } | null
}

export interface DeskFrame { clocks: Clock[]; desk: string; now_ns: string; roles: Record<string, string>; offices: Office[]; papers: Paper[] }

export type TextFrame =
  | ({ type: 'hello' } & Hello)
  | ({ type: 'desk' } & DeskFrame)
  | { type: 'interference'; cells: InterferenceCell[] }
  | { type: 'incidents'; incidents: Incident[] }
  | { type: 'known_now'; incidents: Incident[] }
  | { type: 'other_rules'; incidents: Judged[] }
  | ({ type: 'time' } & Course)
  | { type: 'feeds'; feeds: FeedHealth[]; registration?: SensorBias[]; now_ms: number; ledger: Ledger; ended?: boolean }
  | { type: 'tracks'; tracks: TrackName[]; gone: number[] }
