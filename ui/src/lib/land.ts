import { everywhere, overAntimeridian } from './antimeridian'
import { mercatorX, mercatorY } from './mercator'

/** Land and borders of the base map, as `tools/build_basemap.py` packs them: arcs that their rings and lines share. */

interface Header {
  transform: { scale: [number, number]; translate: [number, number] }
  land: number[][][] // polygons of rings of arcs; ~k: arc k from its end
  borders: Record<'settled' | 'contested', number[][]>
  points: number[] // of each arc
  long: [step: number, x: number, y: number][]
}

export type Borders = GeoJSON.FeatureCollection<GeoJSON.MultiLineString, { kind: 'settled' | 'contested' }>

export class Land {
  private readonly header: Header
  private readonly firsts: Int32Array
  private readonly steps: Int32Array
  private flat: Float64Array[] | null = null // arcs in Mercator units

  constructor(data: ArrayBuffer) {
    const size = new DataView(data).getUint32(0, true)
    this.header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size))) as Header
    this.firsts = new Int32Array(data, 4 + size, 2 * this.header.points.length)
    this.steps = new Int32Array(new Int16Array(data, 4 + size + this.firsts.byteLength))
    for (const [k, x, y] of this.header.long) this.steps.set([x, y], 2 * k)
  }

  /** Points of each arc, x and y in turns, as `toX` makes them of longitudes and `toY` of latitudes. */
  private arcs(toX: (longitude_deg: number) => number, toY: (latitude_deg: number) => number): Float64Array[] {
    const { transform: { scale: [dx, dy], translate: [west, south] }, points } = this.header
    const { firsts, steps } = this
    let step = 0
    return points.map((count, arc) => {
      const line = new Float64Array(2 * count)
      let [x, y] = [firsts[2 * arc], firsts[2 * arc + 1]]
      for (let i = 0; ;) {
        line[i++] = toX(x * dx + west)
        line[i++] = toY(y * dy + south)
        if (i === line.length) return line
        x += steps[step++]
        y += steps[step++]
      }
    })
  }
  private get mercator(): Float64Array[] { return (this.flat ??= this.arcs(mercatorX, mercatorY)) }
  private get degrees(): Float64Array[] { return this.arcs((longitude_deg) => longitude_deg, (latitude_deg) => latitude_deg) }

  /** Outlines of land in Mercator units (0 to 1), x and y in turns; what crosses the antimeridian is there twice. */
  coasts(): Float64Array[] {
    const arcs = this.mercator
    return this.header.land.flatMap((polygon) => everywhere(polygon.map((ring) => joined(ring, arcs)), 1))
  }

  /** Lines of borders, likewise. */
  borderLines(): { contested: boolean; lines: Float64Array[] }[] {
    const arcs = this.mercator
    return Object.entries(this.header.borders).map(([kind, lines]) => ({
      contested: kind === 'contested', lines: lines.flatMap((line) => everywhere([joined(line, arcs)], 1)),
    }))
  }

  landFeature(): GeoJSON.Feature<GeoJSON.MultiPolygon> {
    const arcs = this.degrees
    const coordinates = this.header.land.map((polygon) => polygon.map((ring) => positions(joined(ring, arcs))))
    return { type: 'Feature', properties: {}, geometry: overAntimeridian({ type: 'MultiPolygon', coordinates }) }
  }

  borderFeatures(): Borders {
    const arcs = this.degrees
    return {
      type: 'FeatureCollection',
      features: (Object.entries(this.header.borders) as ['settled' | 'contested', number[][]][]).map(([kind, lines]) => ({
        type: 'Feature', properties: { kind },
        geometry: overAntimeridian({ type: 'MultiLineString', coordinates: lines.map((line) => positions(joined(line, arcs))) }),
      })),
    }
  }
}

/** One line of its arcs, each of which begins where the one before ended. */
function joined(numbers: number[], arcs: Float64Array[]): Float64Array {
  const line = new Float64Array(numbers.reduce((all, k) => all + arcs[k < 0 ? ~k : k].length - 2, 2))
  let at = 0
  for (const k of numbers) {
    const arc = arcs[k < 0 ? ~k : k]
    if (k >= 0) line.set(arc, at)
    else for (let i = arc.length - 2, to = at; i >= 0; i -= 2) {
      line[to++] = arc[i]
      line[to++] = arc[i + 1]
    }
    at += arc.length - 2
  }
  return line
}

function positions(line: Float64Array): GeoJSON.Position[] {
  return Array.from({ length: line.length / 2 }, (_, i) => [line[2 * i], line[2 * i + 1]])
}
