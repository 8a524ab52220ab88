import { describe, expect, it } from 'vitest'
import { Air } from '../src/lib/air'
import type { Picture } from '../src/lib/decode'
import { project, type Camera } from '../src/lib/mercator'
import { nearestRow, placesOf } from '../src/lib/places'
import { blend, Sheet, type Stamp } from '../src/lib/stamps'
import { TrackList } from '../src/lib/tracklist'

/** A seeded source of numbers in [0, 1), so that a failure comes again. */
function chance(seed: number): () => number {
  return () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
}
function pictureOf(slots: number[], random: () => number): Picture {
  const n = slots.length
  const some = (make: () => number): number[] => Array.from({ length: n }, make)
  return {
    now_ms: 1e12, n, slot: Uint32Array.from(slots),
    latitude_deg: Float32Array.from(some(() => 55 + 8 * random())), longitude_deg: Float32Array.from(some(() => 170 + 20 * random() - 360 * Math.round(random()))),
    height_m: Float32Array.from(some(() => 12_000 * random())), speed_mps: Float32Array.from(some(() => (random() < 0.1 ? NaN : 300 * random()))),
    course_rad: Float32Array.from(some(() => 6 * random())), sigma_m: new Float32Array(n), sigma_minor_m: new Float32Array(n), sigma_axis_rad: new Float32Array(n), age_s: new Float32Array(n),
    status: Uint8Array.from(some(() => Math.floor(3 * random()))), identity: Uint8Array.from(some(() => Math.floor(7 * random()))), object_class: Uint8Array.from(some(() => Math.floor(14 * random()))),
  }
}
const named = (slot: number, callsign: string | null) => ({ slot, track_id: `T-${slot}`, callsign, icao24: null, mode3a: null, foreign: false, registry: null })

describe('the list of tracks', () => {
  it('has the order that sorting it anew would give, however tracks come, go and are renamed', () => {
    const random = chance(7)
    const air = new Air()
    const list = new TrackList(air)
    const worst = [2, 3, 0, 0, 1, 4, 5]
    let next = 0
    let slots: number[] = []
    for (let round = 0; round < 80; round++) {
      const gone = slots.filter(() => random() < 0.1)
      slots = slots.filter((slot) => !gone.includes(slot))
      const fresh = Array.from({ length: Math.floor(4 * random()) }, () => next++)
      slots.push(...fresh)
      const renamed = [...fresh, ...slots.filter(() => random() < 0.05)]
      if (renamed.length || gone.length) air.rename(renamed.map((slot) => named(slot, random() < 0.3 ? null : `C${Math.floor(9 * random())}`)), gone)
      if (random() < 0.3) list.sorted(list.find('', 'all')) // it may be looked at before the picture has come
      const picture = pictureOf(slots, random)
      air.show(picture)
      const rows = list.find('', 'all')
      const key = (row: number): [number, string, number] =>
        [picture.status[row] === 0 ? -1 : worst[picture.identity[row]], list.title(picture.slot[row]), picture.slot[row]]
      const expected = [...rows].sort((a, b) => {
        const [one, other] = [key(a), key(b)]
        return other[0] - one[0] || (one[1] < other[1] ? -1 : one[1] > other[1] ? 1 : one[2] - other[2])
      })
      expect(list.sorted(rows)).toEqual(expected)
    }
  })
})

describe('places', () => {
  it('are where the map projects them, and the nearest of them is found at its pixel', () => {
    const random = chance(3)
    for (let round = 0; round < 40; round++) {
      const picture = pictureOf(Array.from({ length: 60 }, (_, i) => i), random)
      const camera: Camera = { longitude_deg: 178, latitude_deg: 59, zoom: 4 + 3 * random(), width: 1200, height: 900 }
      const pixels = Array.from({ length: picture.n }, (_, i) => project(camera, picture.longitude_deg[i], picture.latitude_deg[i]))
      const rows = Uint8Array.from({ length: picture.n }, () => Number(random() < 0.7))
      const [px, py] = [1200 * random(), 900 * random()]
      const distance = (i: number): number => Math.hypot(pixels[i][0] - px, pixels[i][1] - py)
      const near = Array.from(rows.keys()).filter((i) => rows[i] && distance(i) < 16).sort((a, b) => distance(a) - distance(b))
      expect(nearestRow(picture, camera, 0, rows, px, py)).toBe(near[0] ?? -1)
      const ahead = placesOf(picture)
      for (let i = 0; i < picture.n; i++) expect(Number.isFinite(ahead.east[i]) && Number.isFinite(ahead.south[i])).toBe(true)
    }
  })
})

describe('a sheet of stamps', () => {
  it('is as if each pixel had been put over the others, in and over its edge', () => {
    const random = chance(11)
    const stamps: Stamp[] = Array.from({ length: 4 }, () => {
      const [width, height] = [1 + Math.floor(7 * random()), 1 + Math.floor(7 * random())]
      const pixels = Uint32Array.from({ length: width * height }, () => {
        const alpha = [0, 255, Math.floor(256 * random())][Math.floor(3 * random())]
        return ((alpha << 24) | Math.floor(random() * 0xffffff)) >>> 0
      })
      return { width, height, left: Math.floor(3 * random()), top: Math.floor(3 * random()), pixels }
    })
    const sheet = new Sheet()
    for (const [width, height] of [[20, 15], [31, 9]]) {
      sheet.clear(width, height)
      const plain = new Uint32Array(width * height)
      for (let put = 0; put < 120; put++) {
        const stamp = stamps[Math.floor(4 * random())]
        const [x, y] = [Math.floor((width + 10) * random()) - 5, Math.floor((height + 10) * random()) - 5]
        sheet.put(stamp, x, y)
        stamp.pixels.forEach((over, i) => {
          const [column, row] = [x - stamp.left + (i % stamp.width), y - stamp.top + Math.floor(i / stamp.width)]
          if (column < 0 || row < 0 || column >= width || row >= height || over >>> 24 === 0) return
          const at = row * width + column
          plain[at] = over >>> 24 === 255 || plain[at] >>> 24 === 0 ? over : blend(over, plain[at])
        })
        expect(sheet.pixels).toEqual(plain)
      }
    }
  })
})
