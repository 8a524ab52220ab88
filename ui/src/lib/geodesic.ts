import * as library from 'geographiclib-geodesic'

/** Geodesics on the WGS 84 ellipsoid (C. F. F. Karney, 2013), to millimetres. */

export interface Place { latitude_deg: number; longitude_deg: number }

const { WGS84 } = library.Geodesic
const turn = (degrees: number): number => ((degrees % 360) + 360) % 360

/** Distance, and the true bearings at both ends: towards the other, from the first and from the second. */
export function between(from: Place, to: Place): { distance_m: number; bearing_deg: number; back_deg: number } {
  const r = WGS84.Inverse(from.latitude_deg, from.longitude_deg, to.latitude_deg, to.longitude_deg)
  return { distance_m: r.s12 ?? NaN, bearing_deg: turn(r.azi1 ?? NaN), back_deg: turn((r.azi2 ?? NaN) + 180) }
}

/** The place a way off on a bearing. */
export function onward(from: Place, bearing_deg: number, distance_m: number): Place {
  const r = WGS84.Direct(from.latitude_deg, from.longitude_deg, bearing_deg, distance_m)
  return { latitude_deg: r.lat2 ?? NaN, longitude_deg: r.lon2 ?? NaN }
}

/** Places along the way from one to the other, both ends included: a straight line is bent on a map. */
export function way(from: Place, to: Place, pieces = 64): Place[] {
  const { distance_m, bearing_deg } = between(from, to)
  if (!(distance_m > 0)) return [from, to]
  const inner = Array.from({ length: pieces - 1 }, (_, i) => onward(from, bearing_deg, (distance_m * (i + 1)) / pieces))
  return [from, ...inner, to]
}

/** All places at a distance, clockwise from the north; the last is the first. */
export function circle(centre: Place, radius_m: number, pieces = 180): Place[] {
  return Array.from({ length: pieces + 1 }, (_, i) => onward(centre, (360 * (i % pieces)) / pieces, radius_m))
}
