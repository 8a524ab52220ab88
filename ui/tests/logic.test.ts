import { describe, expect, it } from 'vitest'
import type { Incident } from '../src/lib/contract'
import * as format from '../src/lib/format'
import { keyAction } from '../src/lib/keys'
import { placeLabels, type LabelWish } from '../src/lib/labels'
import { fit, pixelsPerMetre, project, unproject, type Camera } from '../src/lib/mercator'
import { Pace } from '../src/lib/pace'
import { blend, Sheet, type Stamp } from '../src/lib/stamps'
import { byUrgency, nearestDeadline } from '../src/lib/urgency'
import { fittingScale, readView } from '../src/lib/view'
import { measureTexts } from '../src/lib/words'
import cases from './percent.json'

/** A seeded source of numbers in [0, 1), so that a failure comes again. */
function chance(seed: number): () => number {
  return () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
}

describe('figures', () => {
  it('times are UTC', () => {
    expect(format.zulu(Date.UTC(2025, 8, 19, 6, 58, 12))).toBe('06:58:12Z')
    expect(format.date(Date.UTC(2025, 8, 19))).toBe('19 SEP 2025')
    expect(format.zulu(NaN)).toBe(format.NONE)
  })
  it('a span never reads 60 seconds or 60 minutes', () => {
    for (let s = 0; s < 8000; s += 0.25) expect(format.span(s)).not.toMatch(/\b60 (s|min)\b.*\d|min 60|h 60/)
    expect(format.span(723)).toBe('12 min 03 s')
    expect(format.span(7200)).toBe('2 h 00 min')
  })
  it('minutes of a place never read 60.0', () => {
    expect(format.place(59.99999, -0.99999)).toBe('60°00.0′N 001°00.0′W')
    expect(format.place(59.82, 26.36)).toBe('59°49.2′N 026°21.6′E')
  })
  it('are shown in the units and coordinates that a person chose, and elsewhere as before', () => {
    format.show({ units: 'metric', coordinates: 'dms' })
    expect(format.level(10_668)).toBe('10\u202f670 m')
    expect(format.speed(227.4)).toBe('819')
    expect(format.place(59.99999, -0.99999)).toBe('60°00′00″N 001°00′00″W')
    format.show({ units: 'aviation', coordinates: 'mgrs' })
    expect(format.place(59.437, 24.7536)).toMatch(/^35V LF \d{4} \d{4}$/)
    expect(format.place(88, 10)).toBe('88°00.0′N 010°00.0′E')
    format.show({ units: 'aviation', coordinates: 'decimal' })
    expect(format.place(59.47333, -26.2)).toBe('59.4733 -26.2000')
    format.show({ units: 'aviation', coordinates: 'dm' })
    expect(format.level(10_668)).toBe('FL350')
  })
  it('are as large as was wished, where the screen has room', () => {
    expect([fittingScale(3, 3840), fittingScale(2, 3840), fittingScale(3, 2560), fittingScale(2, 1280), fittingScale(3, 390)]).toEqual([3, 2, 2.5, 1.25, 1])
  })
  it('kept choices that are none of ours are as at first', () => {
    expect(readView('{"units":"furlongs","coordinates":"mgrs","sound":"yes"}')).toEqual({ units: 'aviation', coordinates: 'mgrs', sound: false, scale: 1 })
    expect(readView('no json')).toEqual(readView(null))
  })
  it('heights are flight levels above 5 000 ft and feet below, unknown is a dash', () => {
    expect(format.level(10_668)).toBe('FL350')
    expect(format.level(373.4)).toBe('1225 ft')
    expect(format.level(NaN)).toBe(format.NONE)
    expect(format.level(0)).toBe('0 ft')
  })
  it('a bias carries its sign and two standard deviations', () => {
    const radar = {
      sensor_id: 'r', range_m: -52.6, range_sigma_m: 5.2, azimuth_rad: 0.00157, azimuth_sigma_rad: 0.00009,
      time_s: 0, time_sigma_s: 0.031, plots: 1369, alarm: true,
    }
    expect(format.bias(radar)).toEqual(['−53 ± 10 m', '+0.090 ± 0.010°', '+0.00 ± 0.06 s'])
  })
  it('a course of 359.7 is 000', () => expect(format.bearing(359.7)).toBe('000°'))
  it('a sure thing is not rounded to 100 %', () => {
    for (const [share, digits, said] of cases as [number, number, string][]) expect(format.percent(share, digits)).toBe(said)
    expect(format.percent(null)).toBe(format.NONE)
    expect(format.classShare('unknown', 0.04)).toBe('')
    expect(format.classShare('unknown', 0.6)).toBe('60 %')
    expect(format.classShare('airliner', 0.4)).toBe('40 %')
  })
  it('a depth is given in one unit at both ends', () => {
    expect(format.depthInterval({ estimate: 9120, low: 900, high: 9700 })).toEqual(['9.12 km', '0.90 to 9.70 km'])
    expect(format.depthInterval({ estimate: 420, low: 30, high: 890 })).toEqual(['420 m', '30 to 890 m'])
  })
  it('a track without a callsign is called by its id', () => {
    expect(format.trackTitle('  ', 'T-jet-3f21a')).toBe('#3F21A')
    expect(format.trackTitle('FIN1 ', 'T-1')).toBe('FIN1')
  })
  it('measures without words get ours, and keep an unknown code', () => {
    expect(measureTexts(['M03', 'M99'], undefined)).toEqual([['M03', 'hail on guard'], ['M99', 'M99']])
    expect(measureTexts(['M03'], ['M03: hail'])).toEqual([['M03', 'hail']])
  })
})

describe('the projection', () => {
  const random = chance(1)
  it('comes back from the screen to the same place', () => {
    for (let i = 0; i < 200; i++) {
      const camera: Camera = { longitude_deg: random() * 360 - 180, latitude_deg: random() * 160 - 80, zoom: 1 + random() * 11, width: 900, height: 700 }
      const [x, y] = [random() * 900, random() * 700]
      const [longitude, latitude] = unproject(camera, x, y)
      if (Math.abs(latitude) > 84 || camera.zoom < 2) continue
      const [x2, y2] = project(camera, longitude, latitude)
      expect(Math.hypot(x2 - x, y2 - y)).toBeLessThan(1e-4)
    }
  })
  it('a kilometre north is as long as pixelsPerMetre says', () => {
    const camera: Camera = { longitude_deg: 26, latitude_deg: 59.8, zoom: 9, width: 900, height: 700 }
    const [, y] = project(camera, 26, 59.8 + 360 / 40_075.016686)
    expect(350 - y).toBeCloseTo(1000 * pixelsPerMetre(camera, 59.8), 1)
  })
  it('across the date line the short way is taken', () => {
    const camera: Camera = { longitude_deg: 179.9, latitude_deg: 0, zoom: 5, width: 900, height: 700 }
    expect(project(camera, -179.9, 0)[0]).toBeLessThan(900)
  })
  it('fit shows every point', () => {
    const camera: Camera = { longitude_deg: 0, latitude_deg: 0, zoom: 3, width: 900, height: 700 }
    const points = Array.from({ length: 20 }, (): [number, number] => [random() * 40, 40 + random() * 30])
    const fitted = fit(camera, points, 50, 20)
    for (const [longitude, latitude] of points) {
      const [x, y] = project(fitted, longitude, latitude)
      expect(x).toBeGreaterThan(49); expect(x).toBeLessThan(851)
      expect(y).toBeGreaterThan(49); expect(y).toBeLessThan(651)
    }
  })
})

describe('labels', () => {
  const bounds = { width: 900, height: 700 }
  function crowd(seed: number, n: number): [LabelWish[], { x: Float32Array; y: Float32Array; n: number }] {
    const random = chance(seed)
    const wishes = Array.from({ length: n }, (_, key) => ({
      key, x: random() * 900, y: random() * 700, width: 40 + random() * 40, height: 25, gap: 5, priority: Math.floor(random() * 5),
    }))
    return [wishes, { x: Float32Array.from(wishes, (w) => w.x), y: Float32Array.from(wishes, (w) => w.y), n }]
  }
  it('never overlap, never leave the map, never exceed their number', () => {
    for (let seed = 1; seed < 20; seed++) {
      const [wishes, symbols] = crowd(seed, 300)
      const labels = placeLabels(wishes, symbols, bounds, new Map(), 80)
      expect(labels.length).toBeLessThanOrEqual(80)
      expect(labels.length).toBeGreaterThan(30)
      const boxes = labels.map((l) => {
        const w = wishes[l.index]
        return [w.x + l.dx, w.y + l.dy, w.x + l.dx + w.width, w.y + l.dy + w.height]
      })
      boxes.forEach((a, i) => {
        expect(Math.min(a[0], a[1])).toBeGreaterThanOrEqual(0)
        expect(a[2]).toBeLessThanOrEqual(900); expect(a[3]).toBeLessThanOrEqual(700)
        for (const b of boxes.slice(i + 1)) expect(a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]).toBe(false)
      })
    }
  })
  it('the most important is always among them', () => {
    for (let seed = 1; seed < 20; seed++) {
      const [wishes, symbols] = crowd(seed, 200)
      Object.assign(wishes[77], { priority: 10, x: 400, y: 300 })
      expect(placeLabels(wishes, symbols, bounds, new Map(), 3).some((l) => l.key === 77)).toBe(true)
    }
  })
  it('a label keeps its spot while it is free', () => {
    const [wishes, symbols] = crowd(5, 40)
    const first = placeLabels(wishes, symbols, bounds, new Map(), 90)
    const again = placeLabels(wishes, symbols, bounds, new Map(first.map((l) => [l.key, l.spot])), 90)
    expect(again).toEqual(first)
  })
})

describe('urgency', () => {
  const incident = (id: string, change: Partial<Incident> = {}): Incident => ({
    incident_id: id, group_id: null, status: 'open', output: 'MONITOR', acknowledged: null, proposals: [],
    opened: { utc: '2025-09-19T07:00:00Z' }, ...change,
  }) as Incident
  const order = (list: Incident[]): string => byUrgency(list).map((i) => i.incident_id).join('')

  it('puts what needs a person first, and closed last', () => {
    expect(order([
      incident('e', { status: 'closed', output: 'HAND_OVER_TO_NATIONAL_AUTHORITY' }), incident('d'),
      incident('c', { output: 'IDENTIFY' }), incident('b', { output: 'ASSIST' }), incident('a', { output: 'WARN_PUBLIC' }),
    ])).toBe('abcde')
  })
  it('an output that it does not know is not put last', () => {
    expect(order([incident('b'), incident('a', { output: 'SOMETHING_NEW' as Incident['output'] })])).toBe('ab')
  })
  it('keeps a group together where its most urgent stands, and loses none', () => {
    expect(order([
      incident('c', { output: 'ASSIST' }), incident('b', { group_id: 'g' }), incident('a', { group_id: 'g', output: 'WARN_PUBLIC' }), incident('d'),
    ])).toBe('abcd')
  })
  it('the decision clock is the nearest deadline to come', () => {
    const row = (deadline_s: number | null, measures = ['M05'], withheld: string[] = []) => ({ deadline_s, measures, withheld })
    const one = incident('a', { proposals: [row(60), row(600), row(null)] as Incident['proposals'] })
    const opened = Date.parse('2025-09-19T07:00:00Z')
    expect(nearestDeadline(one, opened + 10_000)).toBe(50)
    expect(nearestDeadline(one, opened + 61_000)).toBe(539)
    expect(nearestDeadline(one, opened + 601_000)).toBe(Infinity)
    // nothing counts down beside what somebody has to decide, permitted or withheld: no clock may push a yes
    const asked = incident('b', { proposals: [row(30, ['M05', 'M07']), row(30, ['M05'], ['M06']), row(90)] as Incident['proposals'] })
    expect(nearestDeadline(asked, opened)).toBe(90)
  })
})

describe('stamps', () => {
  it('blend as two layers of paint do', () => {
    expect(blend(0xff112233, 0xff445566)).toBe(0xff112233)
    expect(blend(0x80ffffff, 0xff000000)).toBe(0xff808080)
    expect(blend(0x01ffffff, 0x01ffffff) >>> 24).toBe(2)
  })
  it('are cut off at every edge, and change nothing else', () => {
    const stamp: Stamp = { width: 3, height: 3, left: 1, top: 1, pixels: new Uint32Array(9).fill(0xffffffff) }
    const sheet = new Sheet()
    for (const [x, y, count] of [[2, 2, 9], [0, 0, 4], [4, 2, 6], [-1, 2, 3], [-5, 2, 0], [2, 9, 0]]) {
      sheet.clear(5, 5)
      sheet.put(stamp, x, y)
      expect(sheet.pixels.reduce((sum, v) => sum + Number(v !== 0), 0)).toBe(count)
    }
  })
})

describe('the pace of the data', () => {
  it('is that of the replay, also when pictures come in bursts', () => {
    const pace = new Pace()
    let rate = 0
    for (let k = 0; k < 40; k++) rate = pace.note(Math.floor(k / 4) * 2000 + k, k * 10_000)
    expect(rate).toBeGreaterThan(15); expect(rate).toBeLessThan(25)
  })
  it('is 1 before it is known and after a jump back', () => {
    const pace = new Pace()
    expect(pace.note(0, 5000)).toBe(1)
    for (let k = 1; k < 5; k++) pace.note(k * 1000, 5000 + k * 20_000)
    expect(pace.note(5000, 0)).toBe(1)
  })
})

describe('keys', () => {
  const press = (key: string, tagName = 'BODY', ctrlKey = false) => ({ key, ctrlKey, metaKey: false, altKey: false, target: { tagName } as unknown as EventTarget })
  it('do nothing while a person writes, with a modifier, or when switched off', () => {
    expect(keyAction(press('a'), true)).toBe('acknowledge')
    expect(keyAction(press('a', 'INPUT'), true)).toBeNull()
    expect(keyAction(press('a', 'BODY', true), true)).toBeNull()
    expect(keyAction(press('a'), false)).toBeNull()
    expect(keyAction(press('Escape'), false)).toBe('close')
  })
})
