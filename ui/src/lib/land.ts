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
  private readonly arcs: Float64Array[] // longitudes and latitudes [degrees], in turns
  private flat: Float64Array[] | null = null // the same in Mercator units, from 0 to 1

  constructor(data: ArrayBuffer) {
    const size = new DataView(data).getUint32(0, true)
    const header = (this.header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size))) as Header)
    const count = header.points.length
    const firsts = new Int32Array(data, 4 + size, 2 * count)
    const steps = Int32Array.from(new Int16Array(data, 4 + size + firsts.byteLength))
    for (const [k, x, y] of header.long) steps.set([x, y], 2 * k)
    const { scale: [dx, dy], translate: [west, south] } = header.transform
    let step = 0
    this.arcs = header.points.map((points, arc) => {
      let [x, y] = [firsts[2 * arc], firsts[2 * arc + 1]]
      const line = new Float64Array(2 * points)
      for (let i = 0; ;) {
        line[i++] = x * dx + west
        line[i++] = y * dy + south
        if (i === line.length) return line
        x += steps[step++]
        y += steps[step++]
      }
    })
  }

  /** Outlines of land in Mercator units (0 to 1), x and y in turns; what crosses the antimeridian is there twice. */
  coasts(): Float64Array[] {
    const arcs = (this.flat ??= this.arcs.map(toMercator))
    return this.header.land.flatMap((polygon) => everywhere(polygon.map((ring) => joined(ring, arcs)), 1))
  }

  /** Lines of borders, likewise. */
  borderLines(): { contested: boolean; lines: Float64Array[] }[] {
    const arcs = (this.flat ??= this.arcs.map(toMercator))
    return Object.entries(this.header.borders).map(([kind, lines]) => ({
      contested: kind === 'contested', lines: lines.flatMap((line) => everywhere([joined(line, arcs)], 1)),
    }))
  }

  landFeature(): GeoJSON.Feature<GeoJSON.MultiPolygon> {
    const coordinates = this.header.land.map((polygon) => polygon.map((ring) => positions(joined(ring, this.arcs))))
    return { type: 'Feature', properties: {}, geometry: overAntimeridian({ type: 'MultiPolygon', coordinates }) }
  }

  borderFeatures(): Borders {
    return {
      type: 'FeatureCollection',
      features: (Object.entries(this.header.borders) as ['settled' | 'contested', number[][]][]).map(([kind, lines]) => ({
        type: 'Feature', properties: { kind },
        geometry: overAntimeridian({ type: 'MultiLineString', coordinates: lines.map((line) => positions(joined(line, this.arcs))) }),
      })),
    }
  }
}

function toMercator(arc: Float64Array): Float64Array {
  const line = new Float64Array(arc.length)
  for (let i = 0; i < arc.length; i += 2) {
    line[i] = mercatorX(arc[i])
    line[i + 1] = mercatorY(arc[i + 1])
  }
  return line
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
