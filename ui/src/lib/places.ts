import type { Picture } from './decode'
import { EARTH_CIRCUMFERENCE_M, mercatorX, mercatorY, worldPixels, type Camera } from './mercator'

/** Where the tracks of a picture are on the map and how they move, reckoned once a picture and not once a frame. */
export interface Places {
  x: Float64Array // Mercator, 0 to 1
  y: Float64Array
  east: Float64Array // Mercator units a second; 0 where the speed is unknown
  south: Float64Array
}

const known = new WeakMap<Picture, Places>()

export function placesOf(picture: Picture): Places {
  const found = known.get(picture)
  if (found) return found
  const { n, latitude_deg, longitude_deg, speed_mps, course_rad } = picture
  const places = { x: new Float64Array(n), y: new Float64Array(n), east: new Float64Array(n), south: new Float64Array(n) }
  for (let i = 0; i < n; i++) {
    places.x[i] = mercatorX(longitude_deg[i])
    places.y[i] = mercatorY(latitude_deg[i])
    const pace = speed_mps[i] / (EARTH_CIRCUMFERENCE_M * Math.cos((latitude_deg[i] * Math.PI) / 180))
    const [east, south] = [pace * Math.sin(course_rad[i]), -pace * Math.cos(course_rad[i])]
    places.east[i] = Number.isFinite(east) ? east : 0
    places.south[i] = Number.isFinite(south) ? south : 0
  }
  known.set(picture, places)
  return places
}

/** The row of the track nearest to a pixel `ahead_s` after the picture, or -1; `rows` are those that are drawn, null for all. */
export function nearestRow(picture: Picture, camera: Camera, ahead_s: number, rows: Uint8Array | null, px: number, py: number, reach = 16): number {
  const { x, y, east, south } = placesOf(picture)
  const world = worldPixels(camera)
  const [cx, cy] = [mercatorX(camera.longitude_deg) + (px - camera.width / 2) / world, mercatorY(camera.latitude_deg) + (py - camera.height / 2) / world]
  let best = -1
  let nearest = (reach / world) ** 2
  for (let i = 0; i < picture.n; i++) {
    if (rows?.[i] === 0) continue
    let dx = x[i] + east[i] * ahead_s - cx
    dx -= Math.round(dx)
    const dy = y[i] + south[i] * ahead_s - cy
    const distance = dx * dx + dy * dy
    if (distance < nearest) {
      nearest = distance
      best = i
    }
  }
  return best
}
