import { describe, expect, it } from 'vitest'
import packed from '../../src/vedette/data/basemap/land.arcs?inline'
import type * as api from '../src/lib/api'
import { signInAddress } from '../src/lib/sign_in'
import { overAntimeridian } from '../src/lib/antimeridian'
import { Land } from '../src/lib/land'
import { mercatorX, mercatorY } from '../src/lib/mercator'
import { BANDS, TimeAxis, band, bandWords, changeWords, duration, middle, pointsWords, readChosen, sector, sign, stepWords, wayWords, writeChosen } from '../src/lib/studies'

const e = (value: number, low = value, high = value): api.Estimate => ({ value, low, high })
const m = (low: number | null, median: number | null, high: number | null): api.Middle => ({ low, median, high })

describe('figures of a study', () => {
  it('says a time as people do', () => {
    expect([39, -480, 90_000, null, 172_800].map(duration)).toEqual(['39 s', '−8.0 min', '25 h', 'never', '2.0 d'])
    expect(middle(m(5, 5, 5))).toBe('5 s')
    expect(middle(m(60, 600, null))).toBe('60 s [60 s … never]'.replace('60 s [', '10.0 min ['))
  })
  it('gives a gain its sign only where the interval leaves out zero', () => {
    expect([e(0.1, 0.02, 0.2), e(-0.1, -0.2, -0.02), e(0.1, -0.02, 0.2), e(0)].map(sign)).toEqual(['▲', '▼', '·', '·'])
    expect([e(0.213), e(-0.05), e(0)].map(pointsWords)).toEqual(['+21.3', '−5.0', '0.0'])
  })
  it('names what it knows, and shows what it does not know as it is', () => {
    expect(stepWords('looked_at')).toBe('looked at')
    expect(stepWords('something_new')).toBe('something_new')
    expect(wayWords('silence of 48 h')).toBe('silence of 48 h')
    expect(wayWords('a new way')).toBe('a new way')
    const change = { change: 'missing', text: 'without ITA: neither its aircraft nor its voice' } as api.ChangeAnswer
    expect(changeWords(change)).toBe('without ITA: neither its aircraft nor its voice')
    expect(changeWords({ ...change, change: 'new', text: 'something else' })).toBe('something else')
  })
})

describe('a line of time', () => {
  const axis = new TimeAxis([m(-600, -300, 4), m(20, 700, null), m(500, 90_000, 700_000)])
  it('keeps the order of times and has never at its end', () => {
    const places = [-1e9, -600, -60, 0, 1, 60, 3600, 700_000].map((s) => axis.at(s))
    expect([...places].sort((a, b) => a - b)).toEqual(places)
    expect(places[0]).toBe(0)
    expect(axis.at(null)).toBe(1)
    expect(axis.at(1e12)).toBe(1)
  })
  it('has ticks that do not lie on each other, among them the entry', () => {
    const ticks = axis.ticks()
    expect(ticks.some((t) => t.words === '')).toBe(true)
    ticks.slice(1).forEach((t, i) => expect(t.at - ticks[i]!.at).toBeGreaterThan(0.12))
  })
})

describe('a mark on the map', () => {
  it('has a band for every share, and its words', () => {
    for (let k = 0; k <= 1000; k++) {
      const at = band(k / 1000)
      expect(at).toBeGreaterThanOrEqual(0)
      expect(k / 1000).toBeLessThan(BANDS[at]!)
    }
    expect(BANDS.map((_, k) => bandWords(k))).toEqual(['0–5 %', '5–20 %', '20–40 %', '40–60 %', '60–80 %', '80–95 %', '95–100 %'])
  })
  it('is filled as far as its share', () => {
    expect(sector(0, 6)).toBe('')
    expect(sector(0.25, 6)).toBe('M0,0V-6A6,6 0 0 1 6.00,-0.00Z')
    expect(sector(0.75, 6)).toContain(' 0 1 1 -6.00,')
    expect(sector(1, 6)).toMatch(/^M0,-6A.*Z$/)
  })
})

describe('the address of a view', () => {
  it('says what is shown, and a foreign one is not followed', () => {
    const chosen = { kind: 'edge' as const, file: 'edge-jet.answer.json', choice: { posture: 'patrol', state: 'POL' } }
    expect(readChosen(writeChosen(chosen))).toEqual(chosen)
    expect(readChosen('#kind=constructor&file=').kind).toBeUndefined()
    expect(readChosen('').file).toBeUndefined()
  })
})

describe('a coast over the antimeridian', () => {
  it('goes on, and comes again a world away, with no line across the map', () => {
    const ring = [[170, 60], [179, 62], [-179, 64], [-170, 66], [-175, 60], [170, 60]]
    const found = overAntimeridian<GeoJSON.Geometry>({ type: 'Polygon', coordinates: [ring] }) as GeoJSON.MultiPolygon
    const rings = found.coordinates.flat()
    expect(rings).toHaveLength(2)
    for (const one of rings) {
      expect(one[0]).toEqual(one.at(-1))
      one.slice(1).forEach((p, i) => expect(Math.abs(p[0]! - one[i]![0]!)).toBeLessThan(20))
    }
    expect(rings[0]!.map((p) => p[0])).toEqual([170, 179, 181, 190, 185, 170])
    expect(rings[1]!.map((p) => p[0])).toEqual([-190, -181, -179, -170, -175, -190])
  })
  it('that only touches it stays on its side', () => {
    const ring = [[170, 60], [179, 62], [-180, 64], [-180, 66], [178, 60], [170, 60]]
    const found = overAntimeridian<GeoJSON.Geometry>({ type: 'Polygon', coordinates: [ring] }) as GeoJSON.MultiPolygon
    expect(found.coordinates.flat().map((one) => one.map((p) => p[0]))).toEqual([[170, 179, 180, 180, 178, 170]])
  })
  it('is as it was where it crosses nothing', () => {
    const line: GeoJSON.Geometry = { type: 'LineString', coordinates: [[1, 2], [3, 4]] }
    expect(overAntimeridian(line)).toBe(line)
    const land: GeoJSON.MultiPolygon = { type: 'MultiPolygon', coordinates: [[[[0, 0], [9, 0], [9, 9], [0, 0]], [[2, 1], [3, 1], [3, 2], [2, 1]]]] }
    expect(overAntimeridian(land)).toEqual(land)
  })
})

describe('the land of the base map', () => {
  const land = new Land(Uint8Array.from(atob(packed.slice(packed.indexOf(',') + 1)), (c) => c.charCodeAt(0)).buffer)
  const flat = (geometry: GeoJSON.MultiPolygon | GeoJSON.MultiLineString): number[][] =>
    (geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : geometry.coordinates)
      .map((line) => line.flatMap(([longitude, latitude]) => [mercatorX(longitude!), mercatorY(latitude!)]))
  const farthest = (some: number[][], other: number[][]): number =>
    Math.max(...some.map((line, k) => (line.length === other[k]!.length ? line.reduce((most, value, i) => Math.max(most, Math.abs(value - other[k]![i]!)), 0) : Infinity)))

  it('is the same for both maps', () => {
    const coasts = land.coasts().map((line) => [...line])
    const whole = flat(land.landFeature().geometry)
    expect(coasts).toHaveLength(whole.length)
    expect(farthest(coasts, whole)).toBeLessThan(1e-12)
    const features = land.borderFeatures().features
    land.borderLines().forEach(({ contested, lines }, k) => {
      expect(features[k]!.properties.kind).toBe(contested ? 'contested' : 'settled')
      expect(farthest(lines.map((line) => [...line]), flat(features[k]!.geometry))).toBeLessThan(1e-12)
    })
  })
  it('closes its outlines, and nothing of it jumps across the map', () => {
    for (const line of land.coasts()) {
      const gap = Math.abs(line[0]! - line.at(-2)!) // or it goes once around, as the ice in the south does
      expect(Math.min(gap, Math.abs(gap - 1)) + Math.abs(line[1]! - line.at(-1)!)).toBeLessThan(1e-12)
      const south = 0.97 // below it lies the edge of the ice, which is drawn along the edge of the map
      for (let i = 2; i < line.length; i += 2) if (line[i + 1]! < south) expect(Math.abs(line[i]! - line[i - 2]!)).toBeLessThan(0.1)
    }
  })
})

describe('the address of signing in', () => {
  it('leads back to a page of ours, in its language, and nowhere else', () => {
    expect(signInAddress('/', 'en')).toBe('/sign-in')
    expect(signInAddress('/council.html', 'en')).toBe('/sign-in?to=%2Fcouncil.html')
    expect(signInAddress('/nodes.html', 'uk')).toBe('/sign-in?to=%2Fnodes.html&lang=uk')
    expect(signInAddress('//elsewhere.example/x.html', 'en')).toBe('/sign-in')
  })
})
