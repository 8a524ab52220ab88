/** Web Mercator, north up: the one projection of both base maps and of everything drawn on them. */

export interface Camera {
  longitude_deg: number
  latitude_deg: number
  zoom: number // the world is 512 * 2^zoom pixels wide
  width: number
  height: number
}

const RAD = Math.PI / 180
export const EARTH_CIRCUMFERENCE_M = 40_075_016.686 // WGS 84 equator
export const LIMIT_DEG = 85.051129

export const mercatorX = (longitude_deg: number): number => (longitude_deg + 180) / 360
export function mercatorY(latitude_deg: number): number {
  const s = Math.sin(Math.max(-LIMIT_DEG, Math.min(LIMIT_DEG, latitude_deg)) * RAD)
  return 0.5 - (0.25 * Math.log((1 + s) / (1 - s))) / Math.PI
}
const latitudeOf = (y: number): number => (2 * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - Math.PI / 2) / RAD

export const worldPixels = (camera: Camera): number => 512 * 2 ** camera.zoom

/** Pixels from the top left of the map; the nearest copy of the world is meant. */
export function project(camera: Camera, longitude_deg: number, latitude_deg: number): [number, number] {
  const world = worldPixels(camera)
  let dx = mercatorX(longitude_deg) - mercatorX(camera.longitude_deg)
  dx -= Math.round(dx)
  const dy = mercatorY(latitude_deg) - mercatorY(camera.latitude_deg)
  return [camera.width / 2 + dx * world, camera.height / 2 + dy * world]
}

/** [longitude, latitude] in degrees under a pixel. */
export function unproject(camera: Camera, x: number, y: number): [number, number] {
  const world = worldPixels(camera)
  const mx = mercatorX(camera.longitude_deg) + (x - camera.width / 2) / world
  const my = mercatorY(camera.latitude_deg) + (y - camera.height / 2) / world
  const longitude = mx * 360 - 180
  return [longitude - 360 * Math.floor((longitude + 180) / 360), latitudeOf(my)]
}

/** Pixels that one metre on the ground takes at a latitude. */
export const pixelsPerMetre = (camera: Camera, latitude_deg: number): number =>
  worldPixels(camera) / (EARTH_CIRCUMFERENCE_M * Math.cos(latitude_deg * RAD))

/** The camera that shows all the points with a margin in pixels. */
export function fit(camera: Camera, points: [number, number][], margin = 60, deepest = 9): Camera {
  if (!points.length) return camera
  const xs = points.map((p) => mercatorX(p[0]))
  const ys = points.map((p) => mercatorY(p[1]))
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const wide = Math.max(1, camera.width - 2 * margin) / 512 / Math.max(x1 - x0, 1e-9)
  const high = Math.max(1, camera.height - 2 * margin) / 512 / Math.max(y1 - y0, 1e-9)
  const zoom = Math.max(1, Math.min(deepest, Math.log2(Math.min(wide, high))))
  return { ...camera, zoom, longitude_deg: ((x0 + x1) / 2) * 360 - 180, latitude_deg: latitudeOf((y0 + y1) / 2) }
}
