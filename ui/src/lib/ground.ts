import type { ZoneProperties } from './contract'
import { Land } from './land'

/** The base map's data and the zones, as both maps draw them. */

export interface Ground {
  land: Land
  names: GeoJSON.FeatureCollection<GeoJSON.Point, PlaceName>
  airports: GeoJSON.FeatureCollection<GeoJSON.Point, Airport>
  attribution: string
}
export interface PlaceName { name: string; kind: 'country' | 'city'; from: number; weight: number; capital: boolean }
export interface Airport { icao: string; iata: string; name: string; from: number }
export type Zones = GeoJSON.FeatureCollection<GeoJSON.Geometry, ZoneProperties>

interface Names {
  attribution: string
  countries: [name: string, longitude: number, latitude: number, rank: number][]
  cities: [name: string, longitude: number, latitude: number, thousands: number, capital: number][]
}

interface Airports { airports: [icao: string, iata: string, name: string, longitude: number, latitude: number][] }

async function answer(path: string): Promise<Response> {
  const found = await fetch(path)
  if (!found.ok) throw new Error(`${path}: ${found.status}`)
  return found
}
const json = async <T>(path: string): Promise<T> => (await (await answer(path)).json()) as T

// zoom from which airports are drawn: those of airlines, then the others; whole, as MapLibre's filters see it
export const AIRPORTS_FROM = 7
export const AIRFIELDS_FROM = 9

/** The zoom from which a city of so many thousand people is written. */
export function cityFrom(thousands: number, capital: boolean): number {
  const size = [5000, 2000, 900, 350, 120, 60, 0].findIndex((least) => thousands >= least)
  return Math.min(size + 2.6, capital ? 3.6 : 9)
}

/** What the first picture lies on; airports, which are not seen from so far, are loaded after it. */
export async function loadGround(): Promise<Ground> {
  const [land, names] = await Promise.all([
    answer('/basemap/land.arcs').then((found) => found.arrayBuffer()),
    json<Names>('/basemap/names.json'),
  ])
  const point = (x: number, y: number, properties: PlaceName): GeoJSON.Feature<GeoJSON.Point, PlaceName> => ({
    type: 'Feature', properties, geometry: { type: 'Point', coordinates: [x, y] },
  })
  return {
    land: new Land(land),
    names: {
      type: 'FeatureCollection',
      features: [
        ...names.countries.map(([name, x, y, rank]) =>
          point(x, y, { name, kind: 'country', from: [0, 1.8, 2.8, 3.6, 5][rank], weight: 1e6 - rank, capital: false })),
        ...names.cities.map(([name, x, y, thousands, capital]) =>
          point(x, y, { name, kind: 'city', from: cityFrom(thousands, capital === 1), weight: thousands + 5000 * capital, capital: capital === 1 })),
      ],
    },
    airports: { type: 'FeatureCollection', features: [] },
    attribution: names.attribution,
  }
}

/** The same ground with its airports. */
export async function withAirports(ground: Ground): Promise<Ground> {
  const { airports } = await json<Airports>('/basemap/airports.json')
  return {
    ...ground,
    airports: {
      type: 'FeatureCollection',
      features: airports.map(([icao, iata, name, x, y]) => ({
        type: 'Feature', properties: { icao, iata, name, from: iata ? AIRPORTS_FROM : AIRFIELDS_FROM }, geometry: { type: 'Point', coordinates: [x, y] },
      })),
    },
  }
}

export async function loadZones(): Promise<Zones> {
  return json<Zones>('/api/zones')
}

/** How a zone is drawn: whose sky it is, in four words. */
export function zoneStyle(p: ZoneProperties): 'member' | 'neighbour' | 'disputed' | 'zone' {
  if (p.kind === 'disputed') return 'disputed'
  if (p.kind !== 'sovereign') return 'zone'
  return p.member ? 'member' : 'neighbour'
}

const hatches = new Map<string, HTMLCanvasElement>()
/** A diagonal hatch, so that disputed areas differ by more than colour. */
export function hatch(ink: string, size: number): HTMLCanvasElement {
  const key = `${ink} ${size}`
  const known = hatches.get(key)
  if (known) return known
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const g = canvas.getContext('2d')!
  g.strokeStyle = ink
  g.globalAlpha = 0.5
  g.lineWidth = size / 10
  g.beginPath()
  for (const shift of [-size, 0, size]) {
    g.moveTo(shift, size)
    g.lineTo(shift + size, 0)
  }
  g.stroke()
  hatches.set(key, canvas)
  return canvas
}

export const AIRPORT_SIZE = 9
const airports = new Map<string, HTMLCanvasElement>()
/** The sign of an airport: a ring with its runway through it, so that it is no track and no city. */
export function airport(ink: string, halo: string, size: number): HTMLCanvasElement {
  const key = `${ink} ${halo} ${size}`
  const known = airports.get(key)
  if (known) return known
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const g = canvas.getContext('2d')!
  g.scale(size / AIRPORT_SIZE, size / AIRPORT_SIZE)
  for (const [style, width] of [[halo, 3], [ink, 1.2]] as const) {
    g.strokeStyle = style
    g.lineWidth = width
    g.beginPath()
    g.arc(4.5, 4.5, 2.6, 0, 2 * Math.PI)
    g.moveTo(1.4, 7.6)
    g.lineTo(7.6, 1.4)
    g.stroke()
  }
  airports.set(key, canvas)
  return canvas
}
