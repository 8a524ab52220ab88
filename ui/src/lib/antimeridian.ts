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
