/** Lines over the antimeridian as a flat map can draw them: they go on past it, and come again a world away. */

type Line = GeoJSON.Position[]

/** A line whose longitudes go on where they would jump to the other side. */
function onward(line: Line): Line {
  let turn = 0
  let turned = false
  const on = line.map(([longitude, ...rest], i) => {
    const step = i ? longitude! - line[i - 1]![0]! : 0
    if (step > 180) turn -= 360
    else if (step < -180) turn += 360
    turned ||= turn !== 0
    return [longitude! + turn, ...rest]
  })
  return turned ? on : line
}
/** The same where it crosses nothing; else it, and its copy on the other side of the map. */
function both(line: Line): Line[] {
  const one = onward(line)
  const moved = (by: number): Line => one.map(([longitude, ...rest]) => [longitude! + by, ...rest])
  if (one.some(([longitude]) => longitude! > 180)) return [one, moved(-360)]
  if (one.some(([longitude]) => longitude! < -180)) return [one, moved(360)]
  return [one] // it only touches it, at most
}
/** The same of rings as x and y in turns: a ring that goes on past the edge, `turn` wide, and its copy on the other side. */
function bothOf(line: Float64Array, turn: number): Float64Array[] {
  let on = 0
  let one = line
  let [least, most] = [Infinity, -Infinity]
  for (let i = 0; i < line.length; i += 2) {
    const step = i ? line[i] - line[i - 2] : 0
    if (Math.abs(step) > turn / 2) {
      if (one === line) one = line.slice()
      on -= Math.sign(step) * turn
    }
    if (on) one[i] = line[i] + on
    if (one[i] < least) least = one[i]
    if (one[i] > most) most = one[i]
  }
  if (one === line) return [line]
  const by = most > turn ? -turn : least < 0 ? turn : 0
  return by ? [one, one.map((value, i) => (i % 2 ? value : value + by))] : [one] // it only touches it, at most
}
/** Rings of one polygon, x and y in turns from 0 to `turn`, as a flat map can draw them; twice where they cross its edge. */
export function everywhere(rings: Float64Array[], turn: number): Float64Array[] {
  const all = rings.map((ring) => bothOf(ring, turn))
  if (all.every((r) => r.length === 1)) return all.map((r) => r[0])
  return [0, 1].flatMap((k) => all.map((r) => r[k] ?? r[0]))
}

export function overAntimeridian<G extends GeoJSON.Geometry>(geometry: G): G
export function overAntimeridian(geometry: GeoJSON.Geometry): GeoJSON.Geometry {
  if (geometry.type === 'LineString') {
    const lines = both(geometry.coordinates)
    return lines[0] === geometry.coordinates ? geometry : lines.length === 1 ? { ...geometry, coordinates: lines[0]! } : { type: 'MultiLineString', coordinates: lines }
  }
  if (geometry.type === 'MultiLineString') return { ...geometry, coordinates: geometry.coordinates.flatMap(both) }
  if (geometry.type === 'Polygon') return overAntimeridian({ type: 'MultiPolygon', coordinates: [geometry.coordinates] } as GeoJSON.MultiPolygon)
  if (geometry.type === 'MultiPolygon')
    return {
      ...geometry,
      coordinates: geometry.coordinates.flatMap((polygon) => {
        const rings = polygon.map(both)
        if (rings.every((r) => r.length === 1)) return [rings.map((r) => r[0]!)]
        // holes lie where their ring lies, or a world away from it: in the copy as well
        return [0, 1].map((k) => rings.map((r) => r[k] ?? r[0]!))
      }),
    }
  if (geometry.type === 'GeometryCollection') return { ...geometry, geometries: geometry.geometries.map((one) => overAntimeridian(one)) }
  return geometry
}
