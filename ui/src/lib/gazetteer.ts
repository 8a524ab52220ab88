import type { Air } from './air'
import type { Incident, SensorSite } from './contract'
import { readPlace } from './coordinates'
import { place, trackTitle } from './format'
import type { Ground, Zones } from './ground'
import { say } from './language'
import { boxOf } from './zones'
import { outputWords, stateWords } from './words'

/** What a text may mean on the map: coordinates, a track, an incident, a zone, a sensor, a place of the base map. */

export interface Found {
  kind: 'coordinates' | 'incident' | 'track' | 'sensor' | 'zone' | 'airport' | 'place'
  key: string // of its kind: a slot, an incident's or zone's id, a name
  title: string
  detail: string
  latitude_deg: number
  longitude_deg: number
  zoom: number // the map goes at least so near
}

export interface Known { air: Air; incidents: readonly Incident[]; sensors: readonly SensorSite[]; zones: Zones | null; ground: Ground | null }

const MOST_OF_A_KIND = 6
const plain = (text: string): string => text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase()

/** How well a text fits: 0 not at all, 3 it is the text. */
function fit(asked: string, ...texts: (string | null | undefined)[]): number {
  let best = 0
  for (const text of texts) {
    if (!text) continue
    const said = plain(text)
    best = Math.max(best, said === asked ? 3 : said.startsWith(asked) ? 2 : said.includes(asked) ? 1 : 0)
  }
  return best
}

/** The best of what fits, kind by kind in the order in which a watch asks for them. */
export function find(text: string, known: Known): Found[] {
  const asked = plain(text.trim())
  if (!asked) return []
  const found: Found[] = []
  const best = (items: [number, Found][]): void => {
    items.sort((a, b) => b[0] - a[0])
    found.push(...items.slice(0, MOST_OF_A_KIND).map(([, item]) => item))
  }
  const at = readPlace(text)
  if (at) found.push({ kind: 'coordinates', key: text, title: place(at.latitude_deg, at.longitude_deg), detail: text.trim(), ...at, zoom: 8 })
  best(incidents(asked, known))
  best(tracks(asked, known))
  best(known.sensors.flatMap((s): [number, Found][] => {
    const score = fit(asked, s.sensor_id)
    return score ? [[score, { kind: 'sensor', key: s.sensor_id, title: s.sensor_id, detail: s.kind, latitude_deg: s.latitude_deg, longitude_deg: s.longitude_deg, zoom: 6 }]] : []
  }))
  best((known.zones?.features ?? []).flatMap((f): [number, Found][] => {
    const score = fit(asked, f.properties.name, f.properties.zone_id)
    if (!score) return []
    const box = boxOf(f.geometry)
    return [[score, {
      kind: 'zone', key: f.properties.zone_id, title: f.properties.name, detail: stateWords(f.properties.state),
      latitude_deg: (box[1] + box[3]) / 2, longitude_deg: (box[0] + box[2]) / 2, zoom: zoomFor(box),
    }]]
  }))
  best((known.ground?.airports.features ?? []).flatMap((f): [number, Found][] => {
    const { icao, iata, name } = f.properties
    const score = fit(asked, icao, iata, name)
    return score ? [[score, { kind: 'airport', key: icao, title: icao, detail: name, ...point(f), zoom: 9 }]] : []
  }))
  best((known.ground?.names.features ?? []).flatMap((f): [number, Found][] => {
    const score = fit(asked, f.properties.name)
    const near = f.properties.kind === 'country' ? 5 : 8.5
    return score ? [[score + Math.min(0.9, f.properties.weight / 1e5), { kind: 'place', key: f.properties.name, title: f.properties.name, detail: say(f.properties.kind === 'country' ? 'country' : 'city'), ...point(f), zoom: near }]] : []
  }))
  return found
}

const point = (f: GeoJSON.Feature<GeoJSON.Point>): { latitude_deg: number; longitude_deg: number } =>
  ({ longitude_deg: f.geometry.coordinates[0], latitude_deg: f.geometry.coordinates[1] })
const zoomFor = (box: [number, number, number, number]): number =>
  Math.max(2, Math.min(9, Math.log2(360 / Math.max(box[2] - box[0], 2 * (box[3] - box[1]), 0.05)) - 0.5))

function incidents(asked: string, { incidents }: Known): [number, Found][] {
  return incidents.flatMap((i): [number, Found][] => {
    const states = i.crossings.map((c) => stateWords(c.state))
    const title = trackTitle(i.object.callsign, i.object.track_id)
    const score = fit(asked, i.incident_id, title, ...states)
    if (!score) return []
    const { latitude_deg, longitude_deg } = i.position
    const detail = [outputWords(i.output), ...new Set(states)].join(' · ')
    return [[score + (i.status === 'closed' ? 0 : 0.5), { kind: 'incident', key: i.incident_id, title, detail, latitude_deg, longitude_deg, zoom: 7 }]]
  })
}

function tracks(asked: string, { air }: Known): [number, Found][] {
  const { picture } = air
  const items: [number, Found][] = []
  for (let row = 0; picture && row < picture.n; row++) {
    const name = air.names.get(picture.slot[row])
    if (!name) continue
    const score = fit(asked, name.callsign, name.icao24, name.mode3a, name.track_id)
    if (!score) continue
    const detail = [name.icao24, name.mode3a].filter(Boolean).join(' · ')
    items.push([score, {
      kind: 'track', key: String(name.slot), title: trackTitle(name.callsign, name.track_id), detail,
      latitude_deg: picture.latitude_deg[row], longitude_deg: picture.longitude_deg[row], zoom: 7,
    }])
  }
  return items
}
