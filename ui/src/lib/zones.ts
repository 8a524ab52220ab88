import type { Hours, Limit, ZoneProperties } from './contract'
import { count, flightLevel, height, level, metric } from './format'
import type { Zones } from './ground'
import { say, word } from './language'

/** Zones as a person asks for them: which are under a point, how high they reach, when they are awake. */

type Box = [west: number, south: number, east: number, north: number]
type Zone = Zones['features'][number]

/** All outer and inner outlines */
export const rings = (geometry: GeoJSON.Geometry): GeoJSON.Position[][] =>
  geometry.type === 'Polygon' ? geometry.coordinates : geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : []

const boxes = new WeakMap<GeoJSON.Geometry, Box>()
export function boxOf(geometry: GeoJSON.Geometry): Box {
  let box = boxes.get(geometry)
  if (!box) {
    box = [Infinity, Infinity, -Infinity, -Infinity]
    for (const ring of rings(geometry))
      for (const [x, y] of ring) {
        box[0] = Math.min(box[0], x)
        box[1] = Math.min(box[1], y)
        box[2] = Math.max(box[2], x)
        box[3] = Math.max(box[3], y)
      }
    boxes.set(geometry, box)
  }
  return box
}

/** Even-odd rule over all rings, so that holes are outside. Edges are as the map draws them. */
export function holds(geometry: GeoJSON.Geometry, longitude_deg: number, latitude_deg: number): boolean {
  const box = boxOf(geometry)
  if (longitude_deg < box[0] || longitude_deg > box[2] || latitude_deg < box[1] || latitude_deg > box[3]) return false
  let inside = false
  for (const ring of rings(geometry))
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [[x, y], [u, v]] = [ring[i], ring[j]]
      if (y > latitude_deg !== v > latitude_deg && longitude_deg < ((u - x) * (latitude_deg - y)) / (v - y) + x) inside = !inside
    }
  return inside
}

/** Zones under a point, the smallest first: what lies within another is what a person points at. */
export function zonesAt(zones: Zones | null, longitude_deg: number, latitude_deg: number, drawn: (p: ZoneProperties) => boolean): Zone[] {
  const size = (z: Zone): number => {
    const [west, south, east, north] = boxOf(z.geometry)
    return (east - west) * (north - south)
  }
  return (zones?.features ?? [])
    .filter((z) => drawn(z.properties) && holds(z.geometry, longitude_deg, latitude_deg))
    .sort((a, b) => size(a) - size(b))
}

/** FL095, 1,500 ft above mean sea level, 120 m above ground; what null means depends on which end it is. */
export function limitWords(limit: Limit | null | undefined, end: 'floor' | 'ceiling'): string {
  if (!limit) return end === 'floor' ? say('ground') : say('no upper limit')
  if (limit.datum === 'pressure') return metric() ? say('{height}, standard pressure', { height: level(limit.height_m) }) : flightLevel(limit.height_m)
  const values = { height: height(limit.height_m) }
  if (limit.datum === 'agl') return say('{height} above ground', values)
  return limit.datum === 'amsl' ? say('{height} above mean sea level', values) : say('{height} above the ellipsoid', values)
}

const DAYS: Record<string, string> = { mon: word('Mon'), tue: word('Tue'), wed: word('Wed'), thu: word('Thu'), fri: word('Fri'), sat: word('Sat'), sun: word('Sun') }
const ORDER = Object.keys(DAYS)

/** Mon–Fri 06:30–18:00 UTC, 03-01 to 10-31 */
export function hoursWords(hours: Hours): string {
  const days = ORDER.filter((day) => hours.days.includes(day))
  const at = days.map((day) => ORDER.indexOf(day))
  const run = at.length > 2 && at[at.length - 1] - at[0] === at.length - 1
  const when = days.length === 0 || days.length === 7 ? say('every day') : run ? `${say(DAYS[days[0]])}–${say(DAYS[days[days.length - 1]])}` : days.map((day) => say(DAYS[day])).join(', ')
  const offset = hours.utc_offset_min
  const clock = `UTC${offset === 0 ? '' : `${offset < 0 ? '−' : '+'}${Math.floor(Math.abs(offset) / 60)}${offset % 60 ? `:${String(Math.abs(offset) % 60).padStart(2, '0')}` : ''}`}`
  const times = hours.start === '00:00' && hours.end === '24:00' ? say('all day') : `${hours.start}–${hours.end} ${clock}`
  const season = hours.first || hours.last ? `, ${hours.first ?? '…'} ${say('to')} ${hours.last ?? '…'}` : ''
  return `${hours.excluded ? `${say('not')} ` : ''}${when} ${times}${season}`
}

/** What is said of how well the boundary is known: its own accuracy, and stretches that are better or worse. */
export function borderWords(p: ZoneProperties): string[] {
  const metres = (sigma: number): string => `± ${count(Math.round(2 * sigma))} m`
  const words: string[] = []
  const seen = new Set<string>()
  for (const { sigma_m, basis } of [...(p.border ?? [])].sort((a, b) => a.sigma_m - b.sigma_m)) {
    const text = `${basis || say('boundary')} ${metres(sigma_m)}`
    if (!seen.has(text)) words.push(text)
    seen.add(text)
  }
  if (!words.length && typeof p.boundary_sigma_m === 'number') words.push(metres(p.boundary_sigma_m))
  return words
}
