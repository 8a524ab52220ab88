import type { Incident, ZoneProperties } from './contract'
import type { Camera } from './mercator'
import { fit } from './mercator'

/** What the printed sheet of an incident shows on its map: the whole path, the object, and the zones that it is about. */

export const PICTURE = { width: 700, height: 400 } as const // of the sheet, in CSS pixels

export function cameraOf(incident: Incident, trail: readonly (readonly [number, number, number, ...unknown[]])[]): Camera {
  const { latitude_deg, longitude_deg } = incident.position
  const start: Camera = { latitude_deg, longitude_deg, zoom: 7, ...PICTURE }
  const points: [number, number][] = [[longitude_deg, latitude_deg], ...trail.map(([, latitude, longitude]): [number, number] => [longitude, latitude])]
  return fit(start, points, 100, 7.5)
}

/** Zones of the crossings, in their order, each once. */
export const zonesOf = (incident: Incident, zones: readonly ZoneProperties[]): ZoneProperties[] =>
  [...new Set(incident.crossings.map((c) => c.zone_id))].flatMap((id) => zones.find((z) => z.zone_id === id) ?? [])
