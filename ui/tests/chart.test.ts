import { describe, expect, it } from 'vitest'
import { Air } from '../src/lib/air'
import { TrackList } from '../src/lib/tracklist'
import { placeOf, readAnchor } from '../src/lib/anchor'
import { CLASSES, IDENTITIES, type Incident, type ProfileZone, type TrackProfile, type ZoneProperties } from '../src/lib/contract'
import { readPlace } from '../src/lib/coordinates'
import type { Picture } from '../src/lib/decode'
import { isFiltering, NO_FILTERS, readFilters, shownRows } from '../src/lib/filters'
import * as format from '../src/lib/format'
import { find } from '../src/lib/gazetteer'
import { between, circle, onward, way } from '../src/lib/geodesic'
import { keyAction } from '../src/lib/keys'
import { LAYERS, readLayers } from '../src/lib/layers'
import { cut, steps, topOf, type Frame } from '../src/lib/profile'
import { radii_m, readRings } from '../src/lib/rings'
import { readViews, writeViews, type SavedView } from '../src/lib/views'
import { borderWords, holds, hoursWords, limitWords, zonesAt } from '../src/lib/zones'

/** A seeded source of numbers in [0, 1), so that a failure comes again. */
function chance(seed: number): () => number {
  return () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
}

function airOf(n: number, seed = 1): Air {
  const random = chance(seed)
  const air = new Air()
  const many = (make: () => number): number[] => Array.from({ length: n }, make)
  const picture: Picture = {
    now_ms: 1e12, n, slot: Uint32Array.from({ length: n }, (_, i) => i),
    latitude_deg: Float32Array.from(many(() => 55 + 8 * random())), longitude_deg: Float32Array.from(many(() => 18 + 12 * random())),
    height_m: Float32Array.from(many(() => (random() < 0.1 ? NaN : 12_000 * random()))), speed_mps: Float32Array.from(many(() => 200)),
    course_rad: new Float32Array(n), sigma_m: new Float32Array(n), sigma_minor_m: new Float32Array(n), sigma_axis_rad: new Float32Array(n), age_s: new Float32Array(n),
    status: Uint8Array.from(many(() => Math.floor(3 * random()))), identity: Uint8Array.from(many(() => Math.floor(7 * random()))),
    object_class: Uint8Array.from(many(() => Math.floor(14 * random()))),
  }
  air.rename(Array.from({ length: n }, (_, slot) => ({
    slot, track_id: `T-${slot}`, callsign: `CALL${slot}`, icao24: null, mode3a: '2341', foreign: slot % 5 === 0, registry: slot % 2 ? 'EST' : null,
  })), [])
  air.show(picture)
  return air
}
const none: ReadonlySet<number> = new Set<number>()

describe('filters', () => {
  it('hide nothing as a page begins', () => {
    expect(isFiltering(NO_FILTERS)).toBe(false)
    expect(shownRows(NO_FILTERS, airOf(20), none, none, -1)).toBeNull()
  })
  it('never hide a track of an open incident, nor the selected one, whatever they say', () => {
    const random = chance(5)
    for (let round = 0; round < 60; round++) {
      const air = airOf(50, round + 1)
      const some = <T>(all: readonly T[]): T[] => all.filter(() => random() < 0.6)
      const filters = readFilters({
        identities: some(IDENTITIES), groups: some(['airliners', 'light', 'military', 'drones', 'missiles', 'other', 'unknown']),
        statuses: some(['tentative', 'confirmed', 'coasting']), low_m: random() < 0.5 ? 9000 : null, high_m: random() < 0.5 ? 100 : null,
        source: random() < 0.5 ? 'own' : 'foreign', incidents: random() < 0.5,
      })
      const open = new Set([3, 17, 42])
      const shown = shownRows(filters, air, open, none, 8)!
      for (const slot of [...open, 8]) expect(shown.rows[slot]).toBe(1)
      expect(shown.rows.reduce((sum, one) => sum + one, 0)).toBe(shown.count)
    }
  })
  it('each hides what it names and nothing else', () => {
    const air = airOf(300)
    const p = air.picture!
    const rows = (kept: object): number[] => [...shownRows({ ...NO_FILTERS, ...kept }, air, none, none, -1)!.rows]
    expect(rows({ identities: ['neutral'] })).toEqual([...p.identity].map((who) => Number(IDENTITIES[who] !== 'neutral')))
    expect(rows({ groups: ['drones'] })).toEqual([...p.object_class].map((what) => Number(!CLASSES[what].startsWith('drone'))))
    expect(rows({ statuses: ['tentative'] })).toEqual([...p.status].map((status) => Number(status !== 0)))
    expect(rows({ source: 'foreign' })).toEqual([...p.slot].map((slot) => Number(slot % 5 === 0)))
    // what has no height may be anywhere: it stays
    expect(rows({ low_m: 3000, high_m: 6000 })).toEqual([...p.height_m].map((m) => Number(Number.isNaN(m) || (m >= 3000 && m <= 6000))))
    expect([...shownRows({ ...NO_FILTERS, incidents: true }, air, none, new Set([9]), -1)!.rows].indexOf(1)).toBe(9)
  })
  it('kept ones that are none of ours hide nothing', () => {
    for (const kept of [null, 7, 'x', [], { identities: 'neutral' }, { groups: ['ducks'], low_m: 'low', source: 'mars', incidents: 1 }])
      expect(isFiltering(readFilters(kept))).toBe(false)
  })
})

describe('layers', () => {
  it('are as at first where nothing of ours was kept', () => {
    expect(readLayers({ trails: 'yes', ducks: true })).toEqual(readLayers(null))
    expect(readLayers({ trails: false }).trails).toBe(false)
    expect(Object.keys(readLayers(null))).toEqual(Object.keys(LAYERS))
  })
})

describe('geodesics', () => {
  it('agree with a published one: Wellington to Salamanca, Karney 2013', () => {
    const { distance_m } = between({ latitude_deg: -41.32, longitude_deg: 174.81 }, { latitude_deg: 40.96, longitude_deg: -5.5 })
    expect(distance_m).toBeCloseTo(19_959_679.267, 2)
  })
  it('go there and back', () => {
    const random = chance(9)
    for (let k = 0; k < 100; k++) {
      const from = { latitude_deg: 160 * random() - 80, longitude_deg: 360 * random() - 180 }
      const [bearing, distance] = [360 * random(), 3e6 * random() + 1]
      const to = onward(from, bearing, distance)
      const found = between(from, to)
      expect(found.distance_m).toBeCloseTo(distance, 3)
      expect(Math.cos(((found.bearing_deg - bearing) * Math.PI) / 180)).toBeGreaterThan(1 - 1e-9)
      const home = onward(to, found.back_deg, distance)
      expect(home.latitude_deg).toBeCloseTo(from.latitude_deg, 6)
    }
  })
  it('a ring is everywhere as far as it says, and closes', () => {
    const centre = { latitude_deg: 68, longitude_deg: 179.5 }
    const places = circle(centre, 250_000)
    for (const place of places) expect(between(centre, place).distance_m).toBeCloseTo(250_000, 2)
    expect(places[0]).toEqual(places[places.length - 1])
    expect(way(centre, places[3])[0]).toEqual(centre)
    expect(way(centre, centre)).toEqual([centre, centre])
  })
})

describe('range rings', () => {
  it('are as many as asked for, and never too many or too near', () => {
    const centre = { kind: 'point', latitude_deg: 59, longitude_deg: 24 } as const
    expect(radii_m({ centre, step_m: 1000, count: 3 })).toEqual([1000, 2000, 3000])
    expect(radii_m({ centre, step_m: 0, count: 999 })).toHaveLength(12)
    expect(readRings({ centre, step_m: 1852, count: 4 })).toEqual({ centre, step_m: 1852, count: 4 })
    for (const kept of [null, {}, { centre, step_m: -1, count: 2 }, { centre: { kind: 'point', latitude_deg: 91, longitude_deg: 0 }, step_m: 1000, count: 1 }])
      expect(readRings(kept)).toBeNull()
  })
  it('hang on what moves', () => {
    const air = airOf(5)
    const where = { air, sensors: [] }
    expect(placeOf({ kind: 'track', track_id: 'T-3' }, where)).toEqual({ latitude_deg: air.picture!.latitude_deg[3], longitude_deg: air.picture!.longitude_deg[3] })
    expect(placeOf({ kind: 'track', track_id: 'gone' }, where)).toBeNull()
    expect(placeOf({ kind: 'sensor', sensor_id: 'none' }, where)).toBeNull()
    expect(readAnchor({ kind: 'track', track_id: 3 })).toBeNull()
  })
})

describe('coordinates', () => {
  it('are read in every form in which the page writes them', () => {
    const random = chance(3)
    for (const coordinates of ['dm', 'dms', 'decimal', 'mgrs'] as const) {
      format.show({ units: 'aviation', coordinates })
      for (let k = 0; k < 60; k++) {
        const [latitude, longitude] = [150 * random() - 75, 358 * random() - 179]
        const read = readPlace(format.place(latitude, longitude))
        expect(read, format.place(latitude, longitude)).not.toBeNull()
        expect(between({ latitude_deg: latitude, longitude_deg: longitude }, read!).distance_m).toBeLessThan(160)
      }
    }
    format.show({ units: 'aviation', coordinates: 'dm' })
  })
  it('are read as notices and people write them', () => {
    const same = (text: string, latitude: number, longitude: number): void => {
      const read = readPlace(text)
      expect(read?.latitude_deg, text).toBeCloseTo(latitude, 4)
      expect(read?.longitude_deg, text).toBeCloseTo(longitude, 4)
    }
    same('592824N 0244500E', 59.47333, 24.75)
    same('5928N02445E', 59.46667, 24.75)
    same('59.47 24.75', 59.47, 24.75)
    same('-33.5, −70.25', -33.5, -70.25)
    same('N59 28.4 E024 45.0', 59.47333, 24.75)
    same('59°28\'24"S 24°45\'00"W', -59.47333, -24.75)
  })
  it('that are none are none', () => {
    for (const text of ['', 'Tallinn', '59', '59 24 12', '91 24', '59 181', '5960N02445E', 'N59 N24', '59°61′N 24°00′E', 'BAW123', '35A LF 1234 5678', '2341'])
      expect(readPlace(text), text).toBeNull()
  })
})

const square = (x: number, y: number, side: number): GeoJSON.Polygon => ({
  type: 'Polygon', coordinates: [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]],
})
const toldOf = (changes: Partial<ZoneProperties>): ZoneProperties => ({
  zone_id: 'z', kind: 'sovereign', name: '', state: null, member: true, claims: [], note: '', source: '', authority: null, floor: null, ceiling: null,
  valid_from: null, valid_to: null, schedule: [], dormant: false, boundary_sigma_m: 40, border: [], ...changes,
})
const zoneOf = (zone_id: string, geometry: GeoJSON.Geometry, kind = 'restricted'): GeoJSON.Feature<GeoJSON.Geometry, ZoneProperties> =>
  ({ type: 'Feature', properties: toldOf({ zone_id, kind, name: `Zone ${zone_id}`, state: 'EST' }), geometry })

describe('zones', () => {
  it('under a point come smallest first, and only those that are drawn', () => {
    const zones = { type: 'FeatureCollection' as const, features: [zoneOf('big', square(20, 55, 10), 'sovereign'), zoneOf('small', square(24, 58, 1)), zoneOf('off', square(0, 0, 1))] }
    expect(zonesAt(zones, 24.5, 58.5, () => true).map((z) => z.properties.zone_id)).toEqual(['small', 'big'])
    expect(zonesAt(zones, 24.5, 58.5, (p) => p.kind === 'sovereign').map((z) => z.properties.zone_id)).toEqual(['big'])
    expect(zonesAt(null, 0, 0, () => true)).toEqual([])
  })
  it('a hole is outside', () => {
    const holed: GeoJSON.Polygon = { type: 'Polygon', coordinates: [square(0, 0, 10).coordinates[0], square(4, 4, 2).coordinates[0]] }
    expect(holds(holed, 5, 5)).toBe(false)
    expect(holds(holed, 1, 1)).toBe(true)
  })
  it('say their limits with the datum', () => {
    expect(limitWords({ height_m: 2895.6, datum: 'pressure' }, 'ceiling')).toBe('FL095')
    expect(limitWords({ height_m: 457.2, datum: 'amsl' }, 'floor')).toBe('1\u202f500 ft above mean sea level')
    expect(limitWords({ height_m: 120, datum: 'agl' }, 'ceiling')).toBe('394 ft above ground')
    expect(limitWords(null, 'floor')).toBe('ground')
    expect(limitWords(null, 'ceiling')).toBe('no upper limit')
  })
  it('say their hours', () => {
    const hours = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '06:00', end: 'sunset+30', first: null, last: null, utc_offset_min: 180, excluded: false }
    expect(hoursWords(hours)).toBe('Mon–Fri 06:00–sunset+30 UTC+3')
    expect(hoursWords({ ...hours, days: ['sat', 'mon'], utc_offset_min: -210, excluded: true })).toBe('not Mon, Sat 06:00–sunset+30 UTC−3:30')
    expect(hoursWords({ ...hours, days: [], start: '00:00', end: '24:00', first: '03-01', last: '10-31' })).toBe('every day all day, 03-01 to 10-31')
  })
  it('say once how well each kind of border is known', () => {
    const border = [{ sigma_m: 200, basis: 'sea' }, { sigma_m: 40, basis: 'land' }, { sigma_m: 40, basis: 'land' }]
    expect(borderWords(toldOf({ border }))).toEqual(['land ± 80 m', 'sea ± 400 m'])
    expect(borderWords(toldOf({}))).toEqual(['± 80 m'])
  })
})

describe('go-to', () => {
  const known = {
    air: airOf(30), incidents: [] as Incident[], sensors: [],
    zones: { type: 'FeatureCollection' as const, features: [zoneOf('EE-R1', square(24, 58, 1))] },
    ground: {
      land: null as never, attribution: '',
      names: { type: 'FeatureCollection' as const, features: [{ type: 'Feature' as const, properties: { name: 'Pärnu', kind: 'city' as const, from: 7, weight: 40, capital: false }, geometry: { type: 'Point' as const, coordinates: [24.5, 58.38] } }] },
      airports: { type: 'FeatureCollection' as const, features: [{ type: 'Feature' as const, properties: { icao: 'EETN', iata: 'TLL', name: 'Tallinn', from: 7 }, geometry: { type: 'Point' as const, coordinates: [24.83, 59.41] } }] },
    },
  }
  it('knows coordinates, tracks, zones, airports, and places without their accents', () => {
    expect(find('59.4 24.8', known)[0]).toMatchObject({ kind: 'coordinates', latitude_deg: 59.4 })
    expect(find('call7', known)[0]).toMatchObject({ kind: 'track', key: '7' })
    expect(find('zone ee', known)[0]).toMatchObject({ kind: 'zone', key: 'EE-R1', latitude_deg: 58.5 })
    expect(find('tll', known)[0]).toMatchObject({ kind: 'airport', title: 'EETN' })
    expect(find('parnu', known)[0]).toMatchObject({ kind: 'place', title: 'Pärnu' })
    expect(find('   ', known)).toEqual([])
  })
  it('a search finds a track by the state of its address', () => {
    expect(new TrackList(known.air).find('estonia', 'all')).toHaveLength(15)
    expect(new TrackList(known.air).find('latvia', 'all', new Map([[4, 'LVA Latvia']]))).toEqual([4])
  })
})

describe('saved views', () => {
  const view: SavedView = { name: 'Gulf', longitude_deg: 25, latitude_deg: 59.8, zoom: 7, layers: readLayers({ labels: false }), filters: readFilters({ identities: ['neutral'] }) }
  it('come back from their text as they were', () => expect(readViews(writeViews([view, { ...view, name: 'Other' }]))).toEqual([view, { ...view, name: 'Other' }]))
  it('a text that holds none says why', () => {
    expect(() => readViews('no')).toThrow('not JSON')
    expect(() => readViews('{}')).toThrow('does not begin with')
    expect(() => readViews('{"format":"vedette-views/1","views":[{"name":"x"}]}')).toThrow('View 1')
    expect(() => readViews(writeViews(Array.from({ length: 10 }, (_, i) => ({ ...view, name: `v${i}` }))))).toThrow('room for 9')
  })
})

describe('the height profile', () => {
  const frame: Frame = { width: 600, height: 168, left: 50, right: 10, top: 8, bottom: 34 }
  const zone: ProfileZone = {
    zone_id: 'z', kind: 'danger', name: 'D', state: 'EST', active: true, floor: null, ceiling: null,
    pieces: [{ from_m: 4000, to_m: 8000, floor_m: 1000, floor_sigma_m: 60, ceiling_m: 3000, ceiling_sigma_m: 0 }],
  }
  const found = (heights: (number | null)[], zones: ProfileZone[] = [zone]): TrackProfile => ({
    track_id: 'T', at_ms: 0, pressure_altitude_m: 2000, height_hae_m: null, climb_mps: 0,
    profile: {
      scale: 'pressure', zones, ground_m: null,
      points: heights.map((height_m, k) => ({
        ms: k * 10_000, along_m: k * 2000, latitude_deg: 59, longitude_deg: 24, height_m, low_m: height_m === null ? null : height_m - 100,
        high_m: height_m === null ? null : height_m + 100, datum: 'pressure', predicted: k >= heights.length - 2,
      })),
    },
  })
  it('keeps everything inside of its frame, along distance and along time', () => {
    for (const axis of ['distance', 'time'] as const) {
      const drawn = cut(found([1500, 1800, 2000, 2100, 2300, 2500]), frame, axis)
      const numbers = [...`${drawn.past} ${drawn.ahead} ${drawn.band}`.matchAll(/([ML])([\d.]+) ([\d.]+)/g)].map(([, , x, y]) => [Number(x), Number(y)])
      for (const [x, y] of numbers) {
        expect(x).toBeGreaterThanOrEqual(frame.left)
        expect(x).toBeLessThanOrEqual(frame.width - frame.right)
        expect(y).toBeGreaterThanOrEqual(frame.top)
        expect(y).toBeLessThanOrEqual(frame.height - frame.bottom)
      }
      expect(drawn.boxes[0].top).toBeLessThan(drawn.boxes[0].bottom)
      expect(drawn.boxes[0].whiskers).toHaveLength(1) // the floor is over another datum
      expect(drawn.now.x).toBeCloseTo(frame.left + (3 / 5) * 540, 1)
    }
  })
  it('an unknown height leaves a gap, and what has no limits is a ribbon', () => {
    const free = { ...zone, pieces: [{ ...zone.pieces[0], floor_m: null, ceiling_m: null }] }
    const drawn = cut(found([1500, null, 2000, 2100, 2200, 2300], [free]), frame, 'distance')
    expect(drawn.past.match(/M/g)).toHaveLength(2)
    expect(drawn.boxes).toEqual([])
    expect(drawn.ribbons).toHaveLength(1)
  })
  it('shows the air above the track', () => expect(topOf(found([100, 200, 300]))).toBeGreaterThanOrEqual(1500))
  it('steps are round', () => {
    expect(steps(0, 100, 5)).toEqual([0, 20, 40, 60, 80, 100])
    expect(steps(0, 0, 5)).toEqual([])
  })
})

describe('keys', () => {
  const press = (key: string): ReturnType<typeof keyAction> => keyAction({ key, ctrlKey: false, metaKey: false, altKey: false, target: null }, true)
  it('digits show saved views, and G goes to where g does not', () => {
    expect(press('3')).toBe('view')
    expect(press('0')).toBeNull()
    expect(press('G')).toBe('goto')
    expect(press('g')).toBe('go')
  })
})

describe('distances', () => {
  it('are told in the units that a person chose', () => {
    expect(format.distance(18_520)).toBe('10.0 NM')
    format.show({ units: 'metric', coordinates: 'dm' })
    expect(format.distance(18_520)).toBe('18.5 km')
    expect(limitWords({ height_m: 120, datum: 'agl' }, 'ceiling')).toBe('120 m above ground')
    format.show({ units: 'aviation', coordinates: 'dm' })
  })
})
