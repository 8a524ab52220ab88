// Made by `vedette api --typescript`: edit the types in src/vedette/app/api instead.

/** What one nation tells of an object. */
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
  latitude_deg: number | null
  longitude_deg: number | null
  first: string
  last: string
  acknowledged: [string, string, string][]
  history: Statement[]
}

/** Who has seen it. Nothing follows from it. */
export type Acknowledged = {
  person: string
  utc: string
  signed: boolean
}

/** What the page posts. With an account, person and office are the account's, and no other may be named. */
export type ActRequest = {
  kind: 'acknowledge' | 'remark'
  incident_id: string
  person?: string | null
  office?: string | null
  words?: string
}

/** It is in the record under this id. */
export type ActTaken = {
  act_id: string
}

/** Who spoke or acted, as the source has it; a party of None is one that nobody has named. */
export type Actor = {
  party: string | null
  person?: string | null
  office?: string | null
}

/** The whole. */
export type Answer = {
  study: string
  seed: number
  worlds: number
  goal: 'airborne' | 'airspace_closed' | 'authority' | 'capital' | 'correlated' | 'council' | 'council_meets' | 'launch_decided' | 'looked_at' | 'neighbours_told' | 'public_warned' | 'reported' | 'seen'
  gone_s: Middle
  steps: StepAnswer[]
  lates: Record<string, LateStep[]>
  changes: ChangeAnswer[]
}

/** A file that is none. */
export type AnswerFault = {
  file: string
  error: string
}

/** All saved answers that the page was given. */
export type Answers = {
  answers: ListedAnswer[]
  faults: AnswerFault[]
}

/** One airfield. */
export type Base = {
  code: string
  name: string
  state: string
  latitude_deg: number
  longitude_deg: number
  detachment: boolean
}

/** One published fact and the model's answer. */
export type Beside = {
  study: string
  incident: string
  what: string
  source: string
  published_s: number | null
  published_in_time: boolean | null
  model_s: Middle | null
  model_in_time: Estimate | null
  kind: 'outcome' | 'step' | 'way'
  anchor: boolean
  below: number | null
  fits: boolean
  why: string
}

/** One play-book. */
export type Book = {
  format: 'vedette-play/1'
  id: string
  title: string
  about: string
  round: string
  rounds: number
  facts: Record<string, Fact>
  moves: Move[]
  postures: Posture[]
  assumptions: string[]
}

/** How well one kind of border is known, and what it was drawn from. */
export type BorderAccuracy = {
  sigma_m: number
  basis: string
}

/** A floor or ceiling as published. */
export type Bound = {
  height_m: number
  datum: 'agl' | 'amsl' | 'hae' | 'pressure'
}

/** A figure with the ends of its 95 % interval. */
export type Bounds = {
  estimate: number
  low: number
  high: number
}

/** All of them, and how well it fits as a whole. */
export type Calibration = {
  seed: number
  worlds: number
  rows: Beside[]
  steps: number
  within_90: number
  within_50: number
  anchors: number
  ways: number
  ways_within_90: number
  outcomes: number
  brier: number
}

/** ``vedette sim calibrate``: the model's answers beside what is published. */
export type CalibrationFile = {
  kind: 'calibration'
  calibration: Calibration
}

/** What a study asks about. */
export type Case = {
  id: string
  title: string
  about: string
  state: string
  date: string
  object_class: string
  before: [number, number][]
  inside: [number, number][]
  ready: CasePlace[]
  radars: CasePlace[]
  silence_h: number
  objects: number
  abstains: number
  assumptions: string[]
  sources: CaseSource[]
}

/** Aircraft kept ready, or a radar, of a case. */
export type CasePlace = {
  name: string
  state: string | null
  latitude_deg: number
  longitude_deg: number
  readiness: 'airborne' | 'alert' | 'raised' | null
}

/** Where a fact of a case is published. */
export type CaseSource = {
  publisher: string
  date: string
  url: string
}

/** One cell of the map, by its south-west corner. */
export type Cell = {
  latitude_deg: number
  longitude_deg: number
  height_deg: number
  width_deg: number
  seen: number
  affected: number
  spoofed: number
  probability: number
}

/** What one change does, in the same worlds. */
export type ChangeAnswer = {
  change: string
  text: string
  in_time: Estimate
  gain: Estimate
  gains: Record<string, Estimate>
  steps: StepAnswer[]
  lates: Record<string, LateStep[]>
  council_s: Middle
}

/** What can still be done before the object is gone, or there. It asks for nothing. */
export type Clock = {
  incident_id: string
  valid: Instant
  limit: Limit | null
  steps: StepTime[]
  measured?: Record<string, number>
}

/** What kind of event it is, in up to three code lists; at least one of them says something. */
export type Codes = {
  plover?: string | null
  mode?: string | null
  contexts?: string[]
  cameo?: string | null
  vx?: string | null
  intent?: 'deliberate_claimed' | 'deliberate_proved' | 'navigation' | 'stray' | 'unknown' | 'weather' | null
}

/** All ways. */
export type Comparison = {
  study: string
  seed: number
  worlds: number
  objects: number
  abstains: number
  ways: WayAnswer[]
}

/** An act that is given to more than one. */
export type Contradiction = {
  kind: string
  what: string
  given_to: string[]
  reaction_ids: string[]
  reason: string
  open: boolean
}

/** What a state gives to a shield, and what it keeps back. */
export type Contribution = {
  state: string
  sensors: string[]
  alerts: string[]
  places: string[]
  caveats: string[]
}

/** What it costs to keep aircraft ready over the whole period. */
export type Cost = {
  days: number
  alert_hours: number
  alert_sorties: number
}

/** All matters of the folder. */
export type Council = {
  now: string
  matters: Matter[]
  faults: MatterFault[]
}

/** What a shield covers, and what it covers without each state in turn. */
export type Cover = {
  figures: Figures
  without: Without[]
}

/** What the sensors of a run see at one height. */
export type Coverage = {
  height_amsl_m: number
  with_terrain: boolean
  sensors: SensorSite[]
}

/** One zone that an object is or was in, or is expected in. */
export type Crossing = {
  state: string | null
  zone_id: string
  entered: Moment | null
  left: Moment | null
  inside_s: Bounds
  depth_m: Bounds
  probability: number
  predicted: boolean
  lost_inside: boolean
}

/** A time as exactly as it is known. */
export type Dated = {
  utc: string
  text: string
  precision?: 'day' | 'hour' | 'minute' | 'second'
}

/** When silence ends, with the zone in which it was set. */
export type Deadline = {
  utc: string
  zone: string
}

/** The whole desk. ``now_ns`` is a text: it is signed to the nanosecond, and JSON numbers are not. */
export type Desk = {
  type: 'desk'
  desk: string
  now_ns: string
  roles: Record<string, string>
  offices: Office[]
  papers: Paper[]
  revoked: Revoked[]
  clocks: Clock[]
}

/** Where nations differ: what each says. */
export type Difference = {
  field: string
  said: Record<string, string>
  opposed: boolean
}

/** To whom else it is given. */
export type Dispute = {
  reason: string
  given_to: string[]
  open: boolean
}

/** One place. */
export type EdgeAnswer = {
  state: string
  beyond: string | null
  latitude_deg: number
  longitude_deg: number
  in_time: Record<string, Estimate>
  nearest: string
  nearest_m: number | null
}

/** ``vedette sim map``: readiness along the edge. */
export type EdgeFile = {
  kind: 'edge'
  intruder: EdgeIntruder
  goal: 'airborne' | 'airspace_closed' | 'authority' | 'capital' | 'correlated' | 'council' | 'council_meets' | 'launch_decided' | 'looked_at' | 'neighbours_told' | 'public_warned' | 'reported' | 'seen'
  seed: number
  worlds: number
  doubts: boolean
  states: StateAnswer[]
  places: EdgeAnswer[]
  bases: Base[]
  assumptions: string[]
}

/** One kind of intruder of ``edge.yaml``. */
export type EdgeIntruder = {
  id: string
  text: string
  object_class: string
  height_agl_m: Spread
  speed_mps: Spread
  inside_s: Spread
  ends: 'falls' | 'leaves' | 'lost'
  inward_m: number
  outward_m: number
  sees: number
  found: number
  source: string
}

/** Entries, newest first; how many there are, of all kinds and of each. */
export type Entries = {
  entries: EntryRow[]
  total: number
  kinds: Record<string, number>
}

/** The exact text of an entry, the signed head, and the hashes from one to the other (RFC 9162). */
export type Entry = {
  number: number
  line: string
  head: Record<string, unknown> | null
  proof: string[]
}

/** One entry in a list. */
export type EntryRow = {
  number: number
  kind: string
  utc: string
  subject: string
  octets: number
  sealed: boolean
}

/** Why nothing was done. */
export type Error = {
  error: string
}

/** A value and its 95 % interval: how far chance alone reaches in so many worlds, nothing else. */
export type Estimate = {
  value: number
  low: number
  high: number
}

/** What happened in the matter. */
export type Event = {
  kind: string
  party: string | null
  words: string
  utc: string
}

/** One reason for what an object is taken for. */
export type Evidence = {
  source: string
  statement: string
  supports: string
  log_odds: number
  valid: Instant
  would_change: string
}

/** How the belief in one hypothesis grew. */
export type EvidenceLedger = {
  hypothesis: string
  steps: LedgerStep[]
}

/** Why a track is said to be what it is. */
export type Explanation = {
  track_id: string
  valid: Instant
  callsign: string | null
  icao24: string | null
  class: 'airliner' | 'ballistic_missile' | 'balloon' | 'bird' | 'clutter_artefact' | 'cruise_missile' | 'drone_long_range' | 'drone_small' | 'ga_aircraft' | 'glider_ultralight' | 'helicopter_civil' | 'helicopter_military' | 'military_aircraft' | 'unknown'
  class_probability: number
  class_probabilities: Record<string, number>
  identity: 'assumed_friend' | 'friend' | 'hostile' | 'neutral' | 'pending' | 'suspect' | 'unknown'
  civil: 'confirmed' | 'excluded' | 'possible'
  explained_by: string | null
  ledgers: EvidenceLedger[]
  rules: Rule[]
  what_if: WhatIf[]
  doubts: string[]
  integrity: Finding | null
}

/** A whole number that moves read and change, kept within its bounds. */
export type Fact = {
  text: string
  start?: number
  low?: number
  high?: number
}

/** How a feed stands. */
export type FeedHealth = {
  feed_id: string
  url: string
  state: 'alive' | 'dead' | 'ended' | 'waiting'
  heard: Instant | null
  chunks: number
  size_bytes: number
  plots: number
  unplaced: number
  faults: number
  counts: Record<string, number>
  clock_offset_s: number | null
  clock_sigma_s: number | null
  reconnects: number
  lost: number
  lost_at: Instant | null
}

/** Each second: feeds, what radars are wrong by, and the ledger. */
export type FeedsMessage = {
  type: 'feeds'
  feeds: FeedHealth[]
  spared: number
  isolated: boolean | null
  registration: SensorBias[]
  now_ms: number
  ended: boolean
  ledger: LedgerState
}

/** All that is said of a shield in numbers. */
export type Figures = {
  area_km2: number
  cell_km: number
  with_terrain: boolean
  sensors: number
  alert_bases: number
  layers: Layer[]
  volume: Whole
  reaction: Reaction
  cost: Cost
}

/** The verdict on an aircraft's own word. */
export type Finding = {
  aircraft: string
  verdict: string
  reasons: string[]
  since: Instant | null
  valid: Instant
  latitude_deg: number | null
  longitude_deg: number | null
  before_deg: [number, number] | null
}

/** GeoJSON (RFC 7946), for display alone. */
export type Geometry = {
  type: string
  coordinates: unknown[]
}

/** An object that one state told the next of. */
export type HandOver = {
  from_state: string | null
  state: string | null
  zone_id: string
  told: Instant
  expected: Moment
  probability: number
  entered: Instant | null
  withdrawn: Instant | null
}

/** A cut through the airspace along the way of a track. */
export type HeightProfile = {
  scale: 'amsl' | 'pressure'
  points: Point[]
  zones: Passed[]
  ground_m: (number | null)[] | null
}

/** First of all. */
export type HelloMessage = {
  type: 'hello'
  version: string
  mode: 'demo' | 'live' | 'replay'
  exercise: boolean
  record: string | null
  started: string
  council: boolean
  labels: Record<string, string>
  hears?: boolean
  account?: SignedIn | null
}

/** Who may sign for an office. */
export type Holder = {
  person: string
  public_key: string
}

/** What an event file says beside; kept as published, not used in any figure. */
export type Imported = {
  file: string
  row: number
  actors?: [string, string] | null
  goldstein?: number | null
  mentions?: number | null
  articles?: number | null
}

/** One object that needs a person's attention. */
export type Incident = {
  incident_id: string
  group_id: string | null
  status: 'closed' | 'lost' | 'open' | 'predicted'
  causes: ('lost_inside' | 'needs_help' | 'predicted_crossing' | 'unexplained_crossing' | 'zone_breach')[]
  object: Named
  crossings: Crossing[]
  hand_overs: HandOver[]
  joined: string[]
  disputed: Crossing[]
  state: string | null
  zone_id: string | null
  entered: Moment | null
  left: Moment | null
  inside_s: Bounds | null
  depth_m: Bounds | null
  probability: number | null
  proposals: Proposal[]
  output: 'ASSIST' | 'ESCORT' | 'HAND_OVER_TO_NATIONAL_AUTHORITY' | 'IDENTIFY' | 'MONITOR' | 'WARN_PUBLIC'
  force_question: 'admissible' | 'closed' | 'never'
  national_authority: string | null
  rule_set: string | null
  opened: Instant
  valid: Instant
  position: Position
  sensors: string[]
  needs: string[]
  civil: 'confirmed' | 'excluded' | 'possible'
  explained_by: string | null
  flight_plan: string | null
  registry_state: string | null
  evidence: Evidence[]
  doubts: string[]
  checks: Record<string, 'no' | 'unknown' | 'yes'>
  gate: Record<string, 'no' | 'unknown' | 'yes'>
  undetermined: string[]
  acknowledged: Acknowledged | null
}

/** The whole list, when it changes. */
export type IncidentsMessage = {
  type: 'incidents'
  incidents: Incident[]
}

/** How much of the variance of the answer one draw explains. */
export type Index = {
  name: string
  first: Estimate
  total: Estimate
}

/** A time that is known. */
export type Instant = {
  utc: string
}

/** Cells in which satellite navigation is disturbed for anybody. */
export type Interference = {
  type: 'interference'
  cells: Cell[]
}

/** What another rule set says of an incident. */
export type Judged = {
  incident_id: string
  output: string
  force_question: 'admissible' | 'closed' | 'never'
  proposals: Proposal[]
}

/** Of a replay once it is whole: incidents as known at its end. */
export type KnownNowMessage = {
  type: 'known_now'
  incidents: Incident[]
}

/** In how many worlds one step of the way to the goal is the first that comes too late. */
export type LateStep = {
  step: 'airborne' | 'airspace_closed' | 'authority' | 'capital' | 'correlated' | 'council' | 'council_meets' | 'launch_decided' | 'looked_at' | 'neighbours_told' | 'public_warned' | 'reported' | 'seen'
  share: Estimate
}

/** Coverage at one height; shares are of the air within the outline at that height. */
export type Layer = {
  height_amsl_m: number
  in_volume: boolean
  one: number
  two: number
  silent: number
  gap_km2: number
}

/** Size and head of the ledger; verified is null where this server did not verify it. */
export type LedgerState = {
  entries: number
  tree_head: string
  verified: boolean | null
}

/** What was learnt, and what it made of the belief; natural log-odds. */
export type LedgerStep = {
  source: string
  statement: string
  valid: Instant
  log_odds: number
  running: number
  probability: number
  would_change: string
}

/** What ends the time that is left. */
export type Limit = {
  kind: 'entry' | 'exit'
  zone_id: string
  state: string | null
  probability: number
  horizon_s: number
  left_s: Seconds | null
}

/** Why two accounts are of one object. */
export type Link = {
  one: [string, string]
  other: [string, string]
  reason: "a person's word" | 'hand-over' | 'one address' | 'one callsign'
  words: string
}

/** What a saved answer is of. */
export type ListedAnswer = {
  file: string
  kind: 'calibration' | 'edge' | 'play' | 'study' | 'ways'
  of: string
  title: string
  worlds: number
  seed: number
  version: string
}

/** When an incident began. */
export type Mark = {
  incident_id: string
  at_ms: number
  track_id: string
}

/** One matter. */
export type Matter = {
  file: string
  matter_id: string
  roster: string
  keys: Record<string, string[]>
  revoked: string[]
  kind: string | null
  title: string
  drill: boolean
  status: 'agreed' | 'empty' | 'lapsed' | 'silence' | 'talks' | 'withdrawn'
  agreed_by: 'consent' | 'silence' | null
  opened_by: string | null
  current: string | null
  deadline: Deadline | null
  positions: Record<string, 'absent' | 'aside' | 'left' | 'no' | 'silent' | 'yes'>
  objections: Objection[]
  versions: Version[]
  events: Event[]
  shield: StandingShield | UnreadableShield | null
  contradictions: string[]
  torn_bytes: number
  head: string
}

/** A file that is no matter. */
export type MatterFault = {
  file: string
  error: string
}

/** Where nine in ten of the worlds lie [s]; None: never. */
export type Middle = {
  low: number | null
  median: number | null
  high: number | null
}

/** A time with the ends of its 95 % interval. */
export type Moment = {
  utc: string
  low: string
  high: string
}

/** What a side may do in a round. */
export type Move = {
  id: string
  side: 'ours' | 'theirs'
  text: string
  when?: Record<string, [number, number]>
  probability: [number, number, number]
  adds?: Record<string, number>
  status: 'assumption' | 'derived' | 'published'
  source: string
}

/** What a track is and who it is. */
export type Named = {
  track_id: string
  class: 'airliner' | 'ballistic_missile' | 'balloon' | 'bird' | 'clutter_artefact' | 'cruise_missile' | 'drone_long_range' | 'drone_small' | 'ga_aircraft' | 'glider_ultralight' | 'helicopter_civil' | 'helicopter_military' | 'military_aircraft' | 'unknown'
  class_probability: number | null
  identity: 'assumed_friend' | 'friend' | 'hostile' | 'neutral' | 'pending' | 'suspect' | 'unknown'
  icao24: string | null
  callsign: string | null
  mode3a?: string | null
}

/** The server was given none. */
export type NoRegister = {
  register: null
}

/** The links, as the node wrote them last. */
export type NodeStatus = {
  nation: string
  at_ns: number
  boot: number
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
  matters: Outcome[]
}

/** A party's no. */
export type Objection = {
  party: string
  person: string
  reason: string
  utc: string
  version: string
  outstanding: boolean
}

/** What one person or device noticed: a direction from where it was, or a place. */
export type Observation = {
  type: 'observation'
  valid_ns: number
  sense: 'heard' | 'seen'
  what?: string
  confidence?: number
  reporter?: string
  latitude_deg?: number | null
  longitude_deg?: number | null
  bearing_deg?: number | null
  bearing_sigma_deg?: number | null
  distance_m?: number | null
  object_latitude_deg?: number | null
  object_longitude_deg?: number | null
  object_sigma_m?: number | null
  device?: boolean
  device_id?: string | null
  takes_for?: 'balloon' | 'bird' | 'drone_small' | 'helicopter_civil' | null
}

/** An incident or a decision. */
export type Occasion = {
  occasion_id: string
  kind: string
  when: Dated
  parties: string[]
  title: string
  severity: 'high_risk' | 'near_routine' | 'serious' | null
}

/** An office of the desk. */
export type Office = {
  office_id: string
  title: string
  roles: string[]
  state: string | null
  holders: Holder[]
}

/** Of a replay that is compared with another rule set: what that says at this time, when it changes. */
export type OtherRulesMessage = {
  type: 'other_rules'
  incidents: Judged[]
}

/** How a matter stands in the keeper's log, as far as this node holds it. */
export type Outcome = {
  matter_id: string
  standing: 'agreed' | 'lapsed' | 'open' | 'unconfirmed' | 'withdrawn'
  version: string | null
  by: string | null
  unheard: string[]
  receipts: number
  at_ns: number
  dropped: number
}

/** One entry and what it came after. */
export type Pair = {
  before_id: string
  before_kind: 'decision' | 'incident' | 'named' | 'reaction'
  reaction_id: string
  after_s: number | null
  order_sure: boolean
  reason: string
}

/** One question put to offices: may this measure be taken for this object? */
export type Paper = {
  paper_id: string
  incident_id: string
  track_id: string
  measure: string
  measure_text: string
  state: string | null
  rules: string[]
  not_permitted: string[]
  authority: string[]
  question: string
  basis: string
  against: string[]
  attributed_to: string | null
  attribution: string
  seats: Seat[]
  opened: Instant
  status: 'accepted' | 'asked' | 'lapsed' | 'open' | 'refused' | 'withdrawn'
  decided: Instant | null
  words: Word[]
  void: Word[]
}

/** A zone under the way. */
export type Passed = {
  zone_id: string
  kind: 'atz' | 'cta' | 'ctr' | 'danger' | 'disputed' | 'fir' | 'other' | 'prohibited' | 'restricted' | 'shield' | 'sovereign' | 'temporary' | 'tma' | 'uas' | 'uir'
  name: string
  state: string | null
  active: boolean
  floor: Bound | null
  ceiling: Bound | null
  pieces: Piece[]
}

/** From when to when one can look back at a watch that runs; null: nothing is kept yet. */
export type PastKept = {
  from_ms: number | null
  to_ms: number | null
  fault: string | null
}

/** A link to another nation. */
export type Peer = {
  state: 'behind' | 'contested' | 'never' | 'silent' | 'unknown' | 'well'
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
  counts: Record<string, number>
}

/** A stretch of the way over one zone, with the limits at its middle. */
export type Piece = {
  from_m: number
  to_m: number
  floor_m: number | null
  floor_sigma_m: number
  ceiling_m: number | null
  ceiling_sigma_m: number
}

/** ``vedette sim play``: postures of a play-book. */
export type PlayFile = {
  kind: 'play'
  book: Book
  played: Played
}

/** The whole. */
export type Played = {
  book: string
  seed: number
  worlds: number
  rungs: Record<string, string>
  postures: PostureAnswer[]
}

/** One point of the way; heights on the profile's scale, None where unknown. */
export type Point = {
  ms: number
  along_m: number
  latitude_deg: number
  longitude_deg: number
  height_m: number | null
  low_m: number | null
  high_m: number | null
  datum: 'geometric' | 'pressure' | null
  predicted: boolean
}

/** Where the object was last. */
export type Position = {
  latitude_deg: number
  longitude_deg: number
  pressure_altitude_m: number | null
  height_hae_m: number | null
  height_sigma_m: number | null
  ground_speed_mps: number
  track_angle_deg: number
}

/** Which of our moves are in the book; theirs are the same for all. */
export type Posture = {
  id: string
  text: string
  moves: string[]
  start?: Record<string, number>
}

/** One posture, over all worlds. */
export type PostureAnswer = {
  posture: string
  text: string
  top: Estimate[]
  steps_up: Estimate
  theirs_up: Estimate
  fewer: Estimate
  best: Estimate
  end: number
  moves: Record<string, number>
}

/** A row of the rules that applies, addressed to whoever may decide it. */
export type Proposal = {
  rule: string
  measures: string[]
  measures_text: string[]
  withheld: string[]
  not_permitted: string
  authority: string
  deadline: string
  deadline_s: number | null
  reasons: string[]
  sources: string[]
}

/** How long until an aircraft on alert is there to look; None where there is none. */
export type Reaction = {
  median_s: number | null
  longest_s: number | null
  within: Record<string, number>
}

/** All that the time line shows. */
export type Reactions = {
  register: string
  reactions: ShownReaction[]
  earlier: number
  occasions: Occasion[]
  pairs: Pair[]
  pair_rule: string
  contradictions: Contradiction[]
  tension: TensionIndex
  set_aside: number
  breaks: string[]
  head: string
}

/** Why an act was not taken; null where it was. */
export type Refused = {
  refused: string | null
}

/** Who took an entry back, and why. */
export type Retracted = {
  reaction_id: string
  recorded: Instant
  whose: 'register' | 'source' | 'speaker'
  reason: string
}

/** A key that is trusted no more. */
export type Revoked = {
  public_key: string
  by: string
  office: string
  revoked: Instant
  act_id: string
  words: string
}

/** What holds by rule, whatever the odds. */
export type Rule = {
  source: string
  statement: string
  supports: string
  valid: Instant
  would_change: string
}

/** One file of ``--out``. */
export type SavedAnswer = {
  format: 'vedette-answer/1'
  version: string
  found: StudyFile | WaysFile | EdgeFile | CalibrationFile | PlayFile
}

/** Roles of which one has to say yes. */
export type Seat = {
  roles: string[]
  said_yes: boolean
}

/** A time span with the ends of its 95 % interval. */
export type Seconds = {
  low: number
  estimate: number
  high: number
}

/** The most telling first. */
export type Sensitivity = {
  of: string
  indices: Index[]
}

/** What a radar is found to be wrong by, already taken off its plots. */
export type SensorBias = {
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

/** Where a sensor stands, and as far as it sees at the height that was asked for. */
export type SensorSite = {
  sensor_id: string
  kind: string
  latitude_deg: number
  longitude_deg: number
  height_hae_m: number
  range_m: number
  feed_id: string | null
  outline: [number, number][]
  received: [number, number][]
  received_plots: number
}

/** One object as the nations tell of it. Nobody is outvoted. */
export type SharedObject = {
  accounts: Account[]
  joined: Link[]
  identity: string | null
  object_class: string | null
  icao24: string | null
  differences: Difference[]
  expected_in: string[]
  elsewhere: [string, string][]
}

/** Every object of which a nation told, the newest first. */
export type SharedObjects = {
  objects: SharedObject[]
}

/** One reaction with how it stands. */
export type ShownReaction = {
  reaction_id: string
  previous: string
  recorded_ns: number
  recorded_by: string
  actor: Actor
  kind: 'act' | 'statement'
  when: Dated
  addressees: string[]
  words: string | null
  language: string | null
  translated: boolean
  act: string | null
  source: Source
  reliability: string
  codes: Codes
  incidents: string[]
  matters: string[]
  answers: string[]
  event: string | null
  corrects: string | null
  imported: Imported | null
  recorded: Instant
  status: string
  corrected_by: string | null
  retraction: Retracted | null
  score: number | null
  rung: number | null
  code_text: string
  disputes: Dispute[]
}

/** The bytes that were signed and by whom. Nothing in them is written anew. */
export type SignedAct = {
  act: string
  public_key: string
  signature: string
}

/** A council act as a browser signed it, base64. */
export type SignedDeed = {
  act: string
  public_key: string
  signature: string
}

/** Who looks at the page, where the server knows people by their accounts. */
export type SignedIn = {
  account_id: string
  person: string
  office: string
  roles: string[]
}

/** Where it was read. */
export type Source = {
  publisher: string
  address: string
  date: string
}

/** A distribution of something above zero, mostly a time. Exactly one of the three forms is given. */
export type Spread = {
  lognormal?: [number, number] | null
  triangular?: [number, number, number] | null
  values?: number[]
  sigma?: number
}

/** A shield as it stands. */
export type StandingShield = {
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
  contributions: Contribution[]
}

/** All places of one member's edge, each with the same weight. */
export type StateAnswer = {
  state: string
  places: number
  in_time: Record<string, number>
  least: number
}

/** One step of what a nation said. */
export type Statement = {
  utc: string
  sequence: number
  status: string
  identity: string | null
  object_class: string | null
  expected_in: string | null
}

/** One step. */
export type StepAnswer = {
  step: 'airborne' | 'airspace_closed' | 'authority' | 'capital' | 'correlated' | 'council' | 'council_meets' | 'launch_decided' | 'looked_at' | 'neighbours_told' | 'public_warned' | 'reported' | 'seen'
  text: string
  in_time: Estimate
  done_s: Middle
}

/** One measure against the limit. */
export type StepTime = {
  measure: string
  status: string
  remaining: string[]
  needed_s: Seconds
  in_time: number
  late_step: string | null
  helps: string | null
  helped: number | null
}

/** ``vedette sim study``: steps, the late step, changes. */
export type StudyFile = {
  kind: 'study'
  case: Case
  answer: Answer
  sensitivity: Sensitivity | null
}

/** Its formula in words, and the pairs in which it is largest. */
export type TensionIndex = {
  formula: string
  pairs: TensionOfPair[]
}

/** The index of one ordered pair, with its course as [ms, index] points and its level. */
export type TensionOfPair = {
  actor: string
  addressee: string
  at: Instant
  index: number
  undisputed: number
  cooperation: number
  entries: number
  events: number
  disputed: number
  unscored: number
  largest: string[]
  course: [number, number][]
  level?: Record<string, unknown>
}

/** Of a replay, or of a watch that is looked back at: how far it has come, and where this page is in it. */
export type TimeMessage = {
  type: 'time'
  from_ms: number
  to_ms: number
  at_ms: number
  speed: number
  playing: boolean
  whole: boolean
  differs: string | null
  marks: Mark[]
  other_rules: string | null
  judged: boolean
  running: boolean
}

/** What a track is called; its slot is its small number while it lives. */
export type TrackName = {
  slot: number
  track_id: string
  callsign: string | null
  icao24: string | null
  mode3a: string | null
  foreign: boolean
  registry: string | null
}

/** What ``GET /api/tracks/{id}/profile`` answers. */
export type TrackProfile = {
  track_id: string
  at_ms: number
  pressure_altitude_m: number | null
  height_hae_m: number | null
  climb_mps: number | null
  profile: HeightProfile
}

/** Names: all after a connection, then what changed. */
export type TracksMessage = {
  type: 'tracks'
  tracks: TrackName[]
  gone: number[]
}

/** Why the text of a matter cannot be read as a shield. */
export type UnreadableShield = {
  fault: string
}

/** One version of the text, with the lines that it changed. */
export type Version = {
  digest: string
  text: string
  party: string
  utc: string
  words: string
  changes: string[]
}

/** What a page says to a replay, or to ``/ws/past``: a time to go to, a pace, or both. */
export type Wanted = {
  type?: 'time'
  at_ms?: number | null
  speed?: number | null
  playing?: boolean | null
}

/** What came of one way in the same worlds as of the others. */
export type WayAnswer = {
  name: string
  rule: string
  decided: Estimate
  after_s: Middle
  in_time: Estimate
  within: Record<string, Estimate>
  gain: Estimate
  unheard: Estimate | null
}

/** ``vedette sim compare``: ways of deciding on the same draws. */
export type WaysFile = {
  kind: 'ways'
  case: Case
  comparison: Comparison
}

/** What evidence that may still come would make of a track. */
export type WhatIf = {
  evidence: string
  log_odds: number
  class: 'airliner' | 'ballistic_missile' | 'balloon' | 'bird' | 'clutter_artefact' | 'cruise_missile' | 'drone_long_range' | 'drone_small' | 'ga_aircraft' | 'glider_ultralight' | 'helicopter_civil' | 'helicopter_military' | 'military_aircraft' | 'unknown'
  class_probability: number
  crewed_civil_probability: number
  identity: 'assumed_friend' | 'friend' | 'hostile' | 'neutral' | 'pending' | 'suspect' | 'unknown'
  civil: 'confirmed' | 'excluded' | 'possible'
}

/** Coverage of the volume, by volume. */
export type Whole = {
  one: number
  two: number
  silent: number
}

/** A shield that one state has left: what goes with it, and what is left. */
export type Without = {
  state: string
  host: boolean
  takes: string[]
  figures: Figures
}

/** What somebody said to a question. */
export type Word = {
  kind: 'accept' | 'ask' | 'reject'
  person: string
  office: string
  seen: Instant
  act_id: string
  words: string
}

/** One zone. */
export type ZoneFeature = {
  type: 'Feature'
  id: string
  properties: ZoneProperties
  geometry: Geometry | null
}

/** Hours that come again; "sunset+30" is half an hour after it. */
export type ZoneHours = {
  days: string[]
  start: string
  end: string
  first: string | null
  last: string | null
  utc_offset_min: number
  excluded: boolean
}

/** A floor or ceiling: a height, and what it is measured from. */
export type ZoneLimit = {
  height_m: number
  datum: 'agl' | 'amsl' | 'hae' | 'pressure'
}

/** Whose sky it is, or what zone; a floor of null is the ground, a ceiling of null no limit. */
export type ZoneProperties = {
  zone_id: string
  kind: string
  name: string
  state: string | null
  member: boolean
  claims: string[]
  note: string
  source: string
  authority: string | null
  floor: ZoneLimit | null
  ceiling: ZoneLimit | null
  valid_from: string | null
  valid_to: string | null
  schedule: ZoneHours[]
  dormant: boolean
  boundary_sigma_m: number
  border: BorderAccuracy[]
}

/** When a zone is active in the day that follows a time. */
export type ZoneTimes = {
  zone_id: string
  at_ms: number
  active: boolean
  stretches_ms: [number, number][]
}

/** All zones, as a feature collection. */
export type Zones = {
  type: 'FeatureCollection'
  features: ZoneFeature[]
}

export type Message = HelloMessage | TracksMessage | IncidentsMessage | Desk | Interference | FeedsMessage | TimeMessage | KnownNowMessage | OtherRulesMessage
