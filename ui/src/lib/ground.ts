import { overAntimeridian } from './antimeridian'
import { feature } from 'topojson-client'
import type { Topology } from 'topojson-specification'
import type { ZoneProperties } from './contract'

/** The base map's data and the zones, as both maps draw them. */

export interface Ground {
  land: GeoJSON.Feature<GeoJSON.MultiPolygon>
  borders: GeoJSON.FeatureCollection<GeoJSON.MultiLineString, { kind: 'settled' | 'contested' }>
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

async function json<T>(path: string): Promise<T> {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return (await answer.json()) as T
}

// zoom from which airports are drawn: those of airlines, then the others; whole, as MapLibre's filters see it
export const AIRPORTS_FROM = 7
export const AIRFIELDS_FROM = 9

/** The zoom from which a city of so many thousand people is written. */
export function cityFrom(thousands: number, capital: boolean): number {
  const size = [5000, 2000, 900, 350, 120, 60, 0].findIndex((least) => thousands >= least)
  return Math.min(size + 2.6, capital ? 3.6 : 9)
}

const flat = <F extends GeoJSON.Feature>(one: F): F => ({ ...one, geometry: overAntimeridian(one.geometry) })

export async function loadGround(): Promise<Ground> {
  const [topology, names, { airports }] = await Promise.all([
    json<Topology>('/basemap/land.topojson'),
    json<Names>('/basemap/names.json'),
    json<Airports>('/basemap/airports.json'),
  ])
  const objects = topology.objects as Record<string, never>
  const point = (x: number, y: number, properties: PlaceName): GeoJSON.Feature<GeoJSON.Point, PlaceName> => ({
    type: 'Feature', properties, geometry: { type: 'Point', coordinates: [x, y] },
  })
  return {
    land: flat(feature(topology, objects.land) as unknown as Ground['land']),
    borders: { type: 'FeatureCollection', features: (feature(topology, objects.borders) as unknown as Ground['borders']).features.map(flat) },
    names: {
      type: 'FeatureCollection',
      features: [
        ...names.countries.map(([name, x, y, rank]) =>
          point(x, y, { name, kind: 'country', from: [0, 1.8, 2.8, 3.6, 5][rank], weight: 1e6 - rank, capital: false })),
        ...names.cities.map(([name, x, y, thousands, capital]) =>
          point(x, y, { name, kind: 'city', from: cityFrom(thousands, capital === 1), weight: thousands + 5000 * capital, capital: capital === 1 })),
      ],
    },
    airports: {
      type: 'FeatureCollection',
      features: airports.map(([icao, iata, name, x, y]) => ({
        type: 'Feature', properties: { icao, iata, name, from: iata ? AIRPORTS_FROM : AIRFIELDS_FROM }, geometry: { type: 'Point', coordinates: [x, y] },
      })),
    },
    attribution: names.attribution,
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
