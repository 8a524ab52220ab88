import type * as api from './api'

/**
 * What the server says, by the page's names for it; the types themselves are made from the server's.
 *
 * Every text in here comes from outside and is only ever shown as text.
 */

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

export type TextFrame = api.Message
export type Hello = api.HelloMessage
export type DeskFrame = api.Desk
/** A replay: how far it has come, and where this page is in it */
export type Course = api.TimeMessage

export type Bounds = api.Bounds
/** A time; with the ends of its 95 % interval where they are known */
export type Moment = api.Instant & Partial<api.Moment>

export type Incident = api.Incident
export type Proposal = api.Proposal
/** What another rule set says of an incident */
export type Judged = api.Judged
export type Explanation = api.Explanation
export type TrailPoint = [ms: number, latitude_deg: number, longitude_deg: number, pressure_altitude_m: number | null, sigma_m: number]

export type TrackName = api.TrackName
export type FeedHealth = api.FeedHealth
/** What a radar is found to be wrong by, already taken off its plots. */
export type SensorBias = api.SensorBias
export type Ledger = api.LedgerState
/** One cell of the map of interference, by its south-west corner. */
export type InterferenceCell = api.Cell

/** Null is the ground as a floor, and no upper limit as a ceiling. */
export type Limit = api.ZoneLimit
/** Hours that come again; dawn and dusk are written with minutes added: "sunset+30" */
export type Hours = api.ZoneHours
export type ZoneProperties = api.ZoneProperties
export type ZoneTimes = api.ZoneTimes

/** A sensor whose site is known, and as far as it sees at one height. How it stands is with its feed. */
export type SensorSite = api.SensorSite
export type Coverage = api.Coverage

/** A track's heights along its way against the zones under it. */
export type TrackProfile = api.TrackProfile
/** Heights are on the scale of the profile; low and high hold the truth with 95 %. */
export type ProfilePoint = api.Point
export type ProfileZone = api.Passed

export type Office = api.Office
/** One question put to offices: may this measure be taken for this object? */
export type Paper = api.Paper
