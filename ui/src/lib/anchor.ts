import type { Air } from './air'
import type { SensorSite } from './contract'
import { place, trackTitle } from './format'
import type { Place } from './geodesic'

/** What a measure or a ring hangs on: a point that stays, or a track or sensor whose place it is. */
export type Anchor =
  | ({ kind: 'point' } & Place)
  | { kind: 'track'; track_id: string }
  | { kind: 'sensor'; sensor_id: string }

export interface Where { air: Air; sensors: readonly SensorSite[] }

/** Where an anchor is now; null when its track is not in the picture, or nobody knows its site. */
export function placeOf(anchor: Anchor, { air, sensors }: Where): Place | null {
  if (anchor.kind === 'point') return anchor
  if (anchor.kind === 'sensor') return sensors.find((s) => s.sensor_id === anchor.sensor_id) ?? null
  const { picture } = air
  const row = air.rowOf(air.slots.get(anchor.track_id) ?? -1)
  if (!picture || row < 0) return null
  return { latitude_deg: picture.latitude_deg[row], longitude_deg: picture.longitude_deg[row] }
}

export function titleOf(anchor: Anchor, { air }: Where): string {
  if (anchor.kind === 'point') return place(anchor.latitude_deg, anchor.longitude_deg)
  if (anchor.kind === 'sensor') return anchor.sensor_id
  return trackTitle(air.names.get(air.slots.get(anchor.track_id) ?? -1)?.callsign, anchor.track_id)
}

/** Metres a second of a track over ground; NaN for what does not move. */
export function speedOf(anchor: Anchor, { air }: Where): number {
  if (anchor.kind !== 'track' || !air.picture) return NaN
  const row = air.rowOf(air.slots.get(anchor.track_id) ?? -1)
  return row < 0 ? NaN : air.picture.speed_mps[row]
}

/** What was kept or imported; null for anything else. */
export function readAnchor(kept: unknown): Anchor | null {
  const said = (typeof kept === 'object' && kept !== null ? kept : {}) as Record<string, unknown>
  if (said.kind === 'track' && typeof said.track_id === 'string') return { kind: 'track', track_id: said.track_id }
  if (said.kind === 'sensor' && typeof said.sensor_id === 'string') return { kind: 'sensor', sensor_id: said.sensor_id }
  const { latitude_deg, longitude_deg } = said
  if (said.kind === 'point' && typeof latitude_deg === 'number' && typeof longitude_deg === 'number' && Math.abs(latitude_deg) <= 90 && Math.abs(longitude_deg) <= 180)
    return { kind: 'point', latitude_deg, longitude_deg }
  return null
}
