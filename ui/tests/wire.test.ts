import { encode } from '@msgpack/msgpack'
import { describe, expect, it } from 'vitest'
import { Air } from '../src/lib/air'
import { TrackList } from '../src/lib/tracklist'
import { decodePicture, FrameError, type Picture } from '../src/lib/decode'
import { Trails } from '../src/lib/trails'

const TYPES = {
  slot: '<u4', latitude_deg: '<f4', longitude_deg: '<f4', height_m: '<f4', speed_mps: '<f4', course_rad: '<f4',
  sigma_m: '<f4', sigma_minor_m: '<f4', sigma_axis_rad: '<f4', age_s: '<f4', status: '|u1', identity: '|u1', object_class: '|u1',
}
const KINDS = { '<u4': Uint32Array, '<f4': Float32Array, '|u1': Uint8Array }

function frame(n: number, change: (columns: Record<string, unknown>) => void = () => {}, now_ms = 1000): ArrayBuffer {
  const columns: Record<string, unknown> = {}
  for (const [name, type] of Object.entries(TYPES)) {
    const values = new KINDS[type as keyof typeof KINDS](n).map((_, i) => i % 7)
    columns[name] = [type, new Uint8Array(values.buffer)]
  }
  change(columns)
  const bytes = encode({ type: 'picture', now_ms, n, columns })
  return bytes.slice().buffer as ArrayBuffer
}

describe('a picture frame', () => {
  it('gives every column back, wherever its bytes are aligned', () => {
    for (const n of [0, 1, 3, 50, 300]) {
      const picture = decodePicture(frame(n))
      expect(picture.n).toBe(n)
      for (const name of Object.keys(TYPES) as (keyof Picture)[])
        expect(Array.from(picture[name] as Float32Array)).toEqual(Array.from({ length: n }, (_, i) => i % 7))
    }
  })
  it('is refused whole when a column is missing, short or of another type', () => {
    const broken = [
      frame(3, (c) => delete c.sigma_m),
      frame(3, (c) => { c.slot = ['<u4', new Uint8Array(8)] }),
      frame(3, (c) => { c.slot = ['<f4', new Uint8Array(12)] }),
      frame(3, (c) => { c.status = 'yes' }),
      new Uint8Array([0xc1, 0xff]).buffer,
      encode({ type: 'other' }).slice().buffer as ArrayBuffer,
      new ArrayBuffer(0),
    ]
    for (const bytes of broken) expect(() => decodePicture(bytes)).toThrow(FrameError)
  })
})

describe('the air', () => {
  const named = (slot: number, track_id: string, callsign: string | null = null) =>
    ({ slot, track_id, callsign, icao24: null, mode3a: null, foreign: false, registry: null })

  it('never mixes the trail of one track with that of another in the same slot', () => {
    const air = new Air(new Trails())
    air.rename([named(2, 'T-a')], [])
    for (let t = 0; t < 10; t++) air.show(decodePicture(frame(4, undefined, t * 5000)))
    expect(air.trail(2)).toHaveLength(10)
    air.rename([named(2, 'T-b')], [])
    expect(air.trail(2)).toHaveLength(0)
    expect(air.slots.has('T-a')).toBe(false)
    expect(air.slots.get('T-b')).toBe(2)
  })
  it('keeps a bounded trail, and starts it anew when time goes back', () => {
    const air = new Air(new Trails())
    for (let t = 0; t < 200; t++) air.show(decodePicture(frame(2, undefined, t * 5000)))
    expect(air.trail(1)).toHaveLength(60)
    air.show(decodePicture(frame(2, undefined, 0)))
    expect(air.trail(1)).toHaveLength(1)
  })
  it('finds by every word, in any mark', () => {
    const air = new Air(new Trails())
    air.rename([named(0, 'T-0', 'FIN123'), named(1, 'T-1', 'fin9')], [])
    air.show(decodePicture(frame(7)))
    expect(new TrackList(air).find('fin', 'all')).toEqual([0, 1])
    expect(new TrackList(air).find('FIN airliner', 'all')).toEqual([0])
    expect(new TrackList(air).find('', 'friend')).toEqual([3])
    expect(new TrackList(air).find('nothing', 'all')).toEqual([])
  })
})
