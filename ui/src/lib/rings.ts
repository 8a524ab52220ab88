import { readAnchor, type Anchor } from './anchor'
import { circle, type Place } from './geodesic'

/** Circles of equal distance around a place, a track or a sensor. */

export interface Rings { centre: Anchor; step_m: number; count: number }
export const MOST_RINGS = 12
export const NEAREST_STEP_M = 100
const FARTHEST_M = 4_000_000

/** Radii that are drawn: never farther than a map can show without folding. */
export function radii_m(rings: Rings): number[] {
  const count = Math.max(1, Math.min(MOST_RINGS, Math.round(rings.count)))
  const step = Math.max(NEAREST_STEP_M, rings.step_m)
  return Array.from({ length: count }, (_, i) => (i + 1) * step).filter((radius) => radius <= FARTHEST_M)
}

export const ringsAround = (rings: Rings, centre: Place): { radius_m: number; places: Place[] }[] =>
  radii_m(rings).map((radius_m) => ({ radius_m, places: circle(centre, radius_m) }))

/** What was kept or imported; null for anything else. */
export function readRings(kept: unknown): Rings | null {
  const said = (typeof kept === 'object' && kept !== null ? kept : {}) as Record<string, unknown>
  const centre = readAnchor(said.centre)
  if (!centre || typeof said.step_m !== 'number' || typeof said.count !== 'number') return null
  if (!(said.step_m >= NEAREST_STEP_M) || !(said.count >= 1)) return null
  return { centre, step_m: said.step_m, count: Math.min(MOST_RINGS, Math.round(said.count)) }
}
