import { sizeOf, type Base, type BaseOptions } from './base'
import { airport, AIRPORT_SIZE, hatch, zoneStyle, type Ground, type PlaceName, type Zones } from './ground'
import type { Layers } from './layers'
import { mercatorX, mercatorY, project, unproject, worldPixels, type Camera } from './mercator'
import { INKS } from './inks'
import type { Theme } from './theme'

/** The base map on a 2-D canvas, where no graphics card draws WebGL 2. Redrawn only when it moves. */

type Box = [west: number, north: number, east: number, south: number]
/** A stretch of a line; its last point is the first of the next one. */
interface Stretch { points: Float64Array; box: Box; coarse: Map<number, Float64Array> }
interface Line { stretches: Stretch[]; box: Box; closed: boolean }

const STRETCH = 64 // points
const scratch = new Float64Array(2 * (STRETCH + 1))
const nowhere = (): Box => [Infinity, Infinity, -Infinity, -Infinity]
function widen(box: Box, x: number, y: number): void {
  if (x < box[0]) box[0] = x
  if (y < box[1]) box[1] = y
  if (x > box[2]) box[2] = x
  if (y > box[3]) box[3] = y
}
const meet = (a: Box, b: Box): boolean => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]

/** The points of a stretch that are a pixel apart at the whole zoom above: a coast of 10,000 points is not walked for 100 pixels. */
function pointsAt(stretch: Stretch, zoom: number): Float64Array {
  const whole = Math.ceil(zoom)
  const known = stretch.coarse.get(whole)
  if (known) return known
  const { points } = stretch
  const pixel = 1 / (512 * 2 ** whole)
  let kept = 0
  let [lastX, lastY] = [Infinity, Infinity]
  for (let i = 0; i < points.length; i += 2) {
    const end = i === points.length - 2
    if (!end && Math.abs(points[i] - lastX) + Math.abs(points[i + 1] - lastY) < pixel) continue
    scratch[kept++] = lastX = points[i]
    scratch[kept++] = lastY = points[i + 1]
  }
  const found = kept === points.length ? points : scratch.slice(0, kept)
  stretch.coarse.set(whole, found)
  return found
}

/** Points in Mercator units (0..1), x and y in turns, as stretches, each with its box. */
function lineOf(points: Float64Array, closed: boolean): Line {
  const stretches: Stretch[] = []
  const box = nowhere()
  const last = points.length / 2 - 1
  for (let from = 0; from < last || from === 0; from += STRETCH) {
    const part = points.subarray(2 * from, 2 * Math.min(from + STRETCH, last) + 2)
    const its = nowhere()
    for (let i = 0; i < part.length; i += 2) widen(its, part[i], part[i + 1])
    widen(box, its[0], its[1])
    widen(box, its[2], its[3])
    stretches.push({ points: part, box: its, coarse: new Map() })
  }
  return { stretches, box, closed }
}

/** Lines of a geometry. */
function linesOf(geometry: GeoJSON.Geometry): Line[] {
  const line = (ring: GeoJSON.Position[], closed: boolean): Line => {
    const points = new Float64Array(ring.length * 2)
    for (let i = 0; i < ring.length; i++) {
      points[2 * i] = mercatorX(ring[i][0])
      points[2 * i + 1] = mercatorY(ring[i][1])
    }
    return lineOf(points, closed)
  }
  if (geometry.type === 'Polygon') return geometry.coordinates.map((r) => line(r, true))
  if (geometry.type === 'MultiPolygon') return geometry.coordinates.flatMap((p) => p.map((r) => line(r, true)))
  if (geometry.type === 'LineString') return [line(geometry.coordinates, false)]
  if (geometry.type === 'MultiLineString') return geometry.coordinates.map((r) => line(r, false))
  if (geometry.type === 'GeometryCollection') return geometry.geometries.flatMap(linesOf)
  return []
}

/** A name of the ground with its place in Mercator units. */
interface Sign extends PlaceName { x: number; y: number; text: string }

/** Names, the weightiest first. */
function signsOf(ground: Ground): Sign[] {
  return ground.names.features
    .map(({ properties, geometry: { coordinates: [longitude, latitude] } }) => ({
      ...properties, x: mercatorX(longitude), y: mercatorY(latitude),
      text: properties.kind === 'country' ? properties.name.toUpperCase().split('').join('\u200a') : properties.name,
    }))
    .sort((a, b) => b.weight - a.weight)
}

export class PlainBase implements Base {
  readonly kind = 'plain'
  private readonly canvas = document.createElement('canvas')
  private readonly listeners = new AbortController()
  private ground: Ground | null = null
  private signs: Sign[] = []
  private land: Line[] = []
  private borders: [boolean, Line[]][] = []
  private zones: [ReturnType<typeof zoneStyle>, Line[]][] = []
  private place: { longitude_deg: number; latitude_deg: number; zoom: number }
  private theme: Theme
  private scale: number
  private layers: Layers
  private asked = false
  private size: { width: number; height: number } // asked of the document only when it changes: an answer lays the page out

  constructor(private readonly options: BaseOptions) {
    this.theme = options.theme
    this.scale = options.scale
    this.layers = options.layers
    this.place = { ...options.start }
    this.size = sizeOf(options.container)
    if (options.ground) this.setGround(options.ground)
    this.canvas.className = 'plain-map'
    this.canvas.tabIndex = 0
    this.canvas.setAttribute('role', 'region')
    this.canvas.setAttribute('aria-label', 'Map')
    options.container.append(this.canvas)
    this.listen()
    this.redraw()
  }

  private listen(): void {
    const { canvas } = this
    const on = { signal: this.listeners.signal }
    // where on the canvas, in its own pixels: whatever size a person chose for the page
    const at = (e: PointerEvent | WheelEvent): [number, number] => {
      const box = canvas.getBoundingClientRect()
      const scale = canvas.clientWidth / box.width
      return [(e.clientX - box.left) * scale, (e.clientY - box.top) * scale]
    }
    let held: { x: number; y: number; moved: boolean } | null = null
    canvas.addEventListener('pointerdown', (e) => { const [x, y] = at(e); held = { x, y, moved: false }; canvas.setPointerCapture(e.pointerId) }, on)
    canvas.addEventListener('pointermove', (e) => {
      const [x, y] = at(e)
      this.options.onHover(x, y)
      if (!held) return
      const [dx, dy] = [x - held.x, y - held.y]
      if (!held.moved && Math.hypot(dx, dy) < 4) return
      held = { x, y, moved: true }
      this.pan(-dx, -dy)
    }, on)
    canvas.addEventListener('pointerup', (e) => { if (held && !held.moved) this.options.onClick(...at(e)); held = null }, on)
    canvas.addEventListener('wheel', (e) => { e.preventDefault(); this.zoomAt(-Math.sign(e.deltaY) * 0.4, ...at(e)) }, { ...on, passive: false })
    canvas.addEventListener('keydown', (e) => {
      const pans: Record<string, [number, number]> = { ArrowLeft: [-80, 0], ArrowRight: [80, 0], ArrowUp: [0, -80], ArrowDown: [0, 80] }
      if (pans[e.key]) this.pan(...pans[e.key])
      else if (e.key === '+' || e.key === '=') this.zoomBy(1)
      else if (e.key === '-') this.zoomBy(-1)
      else return
      e.preventDefault()
    }, on)
  }

  get surface(): HTMLCanvasElement { return this.canvas }

  camera(): Camera {
    return { ...this.place, ...this.size }
  }

  private moved(): void {
    this.redraw()
    this.options.onMove()
  }

  private pan(dx: number, dy: number): void {
    const camera = this.camera()
    const [longitude_deg, latitude_deg] = unproject(camera, camera.width / 2 + dx, camera.height / 2 + dy)
    this.place = { ...this.place, longitude_deg, latitude_deg }
    this.moved()
  }

  private zoomAt(step: number, x: number, y: number): void {
    const before = this.camera()
    const [longitude, latitude] = unproject(before, x, y)
    this.place.zoom = Math.max(1, Math.min(13, this.place.zoom + step))
    const [nx, ny] = project(this.camera(), longitude, latitude)
    this.pan(nx - x, ny - y)
  }

  zoomBy(step: number): void {
    const camera = this.camera()
    this.zoomAt(step, camera.width / 2, camera.height / 2)
  }

  move(to: { longitude_deg: number; latitude_deg: number; zoom?: number }): void {
    this.place = { longitude_deg: to.longitude_deg, latitude_deg: to.latitude_deg, zoom: to.zoom ?? this.place.zoom }
    this.moved()
  }

  setTheme(theme: Theme, scale: number): void { this.theme = theme; this.scale = scale; this.redraw() }
  /** What it draws, where it begins before that is loaded. */
  setGround(ground: Ground): void {
    if (ground.land !== this.ground?.land) {
      this.land = ground.land.coasts().map((points) => lineOf(points, true))
      this.borders = ground.land.borderLines().map(({ contested, lines }) => [contested, lines.map((points) => lineOf(points, false))])
    }
    if (ground.names !== this.ground?.names) this.signs = signsOf(ground)
    this.ground = ground
    this.redraw()
  }
  setLayers(layers: Layers): void { this.layers = layers; this.redraw() }
  setZones(zones: Zones): void {
    this.zones = zones.features.map((f) => [zoneStyle(f.properties), linesOf(f.geometry)])
    this.redraw()
  }
  resize(): void {
    this.size = sizeOf(this.options.container)
    this.moved()
  }
  settled(): Promise<void> { return new Promise((resolve) => requestAnimationFrame(() => resolve())) }
  destroy(): void { this.listeners.abort(); this.canvas.remove() }

  /** With the next frame. */
  redraw(): void {
    if (this.asked) return
    this.asked = true
    requestAnimationFrame(() => { this.asked = false; this.draw() })
  }

  /** At once, rather than with the next frame. */
  draw(): void {
    const camera = this.camera()
    const ratio = (window.devicePixelRatio || 1) * this.scale
    const [w, h] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)]
    if (this.canvas.width !== w || this.canvas.height !== h) { this.canvas.width = w; this.canvas.height = h }
    const g = this.canvas.getContext('2d')!
    const ink = INKS[this.theme]
    g.setTransform(ratio, 0, 0, ratio, 0, 0)
    g.fillStyle = ink.sea
    g.fillRect(0, 0, camera.width, camera.height)
    const world = worldPixels(camera)
    const [ox, oy] = [mercatorX(camera.longitude_deg) - camera.width / 2 / world, mercatorY(camera.latitude_deg) - camera.height / 2 / world]
    const margin = 8 / world // as wide as the widest stroke
    const view: Box = [ox - margin, oy - margin, ox + camera.width / world + margin, oy + camera.height / world + margin]
    /** Stretches out of view are straight, in or out of view as they were; where a line is dashed they are kept, or its dashes would jump. */
    const path = (lines: Line[], dashed = false): Path2D => {
      const p = new Path2D()
      for (const { stretches, box, closed } of lines) {
        if (!meet(box, view)) continue
        let begun = false
        const to = (points: Float64Array, i: number): void => {
          const [x, y] = [(points[i] - ox) * world, (points[i + 1] - oy) * world]
          if (begun) p.lineTo(x, y)
          else p.moveTo(x, y)
          begun = true
        }
        for (const stretch of stretches) {
          if (dashed || meet(stretch.box, view)) {
            const points = pointsAt(stretch, camera.zoom)
            for (let i = 0; i < points.length; i += 2) to(points, i)
          } else {
            to(stretch.points, 0)
            to(stretch.points, stretch.points.length - 2)
          }
        }
        if (closed) p.closePath()
      }
      return p
    }
    const stroke = (p: Path2D, style: string, width: number, dash: number[] = []): void => {
      g.strokeStyle = style
      g.lineWidth = width
      g.setLineDash(dash)
      g.stroke(p)
      g.setLineDash([])
    }
    g.fillStyle = ink.land
    const land = path(this.land)
    g.fill(land, 'evenodd')
    stroke(land, ink.coast, 0.9)
    for (const [contested, lines] of this.borders) stroke(path(lines, contested), ink.border, 0.8, contested ? [4, 4] : [])
    for (const [style, lines] of this.zones) {
      if (!this.layers[style]) continue
      const p = path(lines, style !== 'member')
      if (style === 'disputed') {
        g.fillStyle = g.createPattern(hatch(ink.disputed, 10), 'repeat') ?? 'transparent'
        g.fill(p, 'evenodd')
        stroke(p, ink.disputed, 1.1, [4, 4])
      } else if (style === 'zone') stroke(p, ink.zone, 1.2, [5, 2])
      else {
        g.fillStyle = style === 'member' ? ink.memberFill : ink.neighbourFill
        g.fill(p, 'evenodd')
        if (style === 'member') stroke(p, ink.member, 1.5)
        else stroke(p, ink.neighbour, 1, [7, 2, 1, 2])
      }
    }
    if (this.layers.names) this.names(g, camera)
    if (this.layers.airports) this.airports(g, camera)
  }

  private airports(g: CanvasRenderingContext2D, camera: Camera): void {
    const ink = INKS[this.theme]
    g.font = '10px B612'
    g.textAlign = 'left'
    g.textBaseline = 'middle'
    g.lineWidth = 3
    g.strokeStyle = ink.halo
    for (const { properties, geometry } of this.ground?.airports.features ?? []) {
      if (properties.from > camera.zoom) continue
      const [x, y] = project(camera, geometry.coordinates[0], geometry.coordinates[1])
      if (x < 0 || y < 0 || x > camera.width || y > camera.height) continue
      g.drawImage(airport(ink.city, ink.halo, AIRPORT_SIZE * 2), x - AIRPORT_SIZE / 2, y - AIRPORT_SIZE / 2, AIRPORT_SIZE, AIRPORT_SIZE)
      g.strokeText(properties.icao, x + 7, y)
      g.fillStyle = ink.city
      g.fillText(properties.icao, x + 7, y)
    }
  }

  private names(g: CanvasRenderingContext2D, camera: Camera): void {
    const ink = INKS[this.theme]
    const taken: [number, number, number, number][] = []
    g.textAlign = 'center'
    g.textBaseline = 'middle'
    g.lineJoin = 'round'
    const world = worldPixels(camera)
    const [mx, my] = [mercatorX(camera.longitude_deg), mercatorY(camera.latitude_deg)]
    for (const sign of this.signs) {
      const country = sign.kind === 'country'
      if (sign.from > camera.zoom || (country && camera.zoom >= 7.5)) continue
      const dx = sign.x - mx
      const [x, y] = [camera.width / 2 + (dx - Math.round(dx)) * world, camera.height / 2 + (sign.y - my) * world]
      if (x < 0 || y < 0 || x > camera.width || y > camera.height) continue
      const { text } = sign
      g.font = country ? '12px B612' : '11px B612'
      const half = g.measureText(text).width / 2 + 10
      const box: [number, number, number, number] = [x - half, y - 14, x + half, y + 14]
      if (taken.some((t) => box[0] < t[2] && t[0] < box[2] && box[1] < t[3] && t[1] < box[3])) continue
      taken.push(box)
      g.lineWidth = 3
      g.strokeStyle = ink.halo
      g.strokeText(text, x, y)
      g.fillStyle = country ? ink.country : ink.city
      g.fillText(text, x, y)
    }
  }
}
