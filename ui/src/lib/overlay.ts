import type { SensorSite } from './contract'
import { bearing, distance, roundDistance } from './format'
import { between, way, type Place } from './geodesic'
import { project, type Camera } from './mercator'
import { ringsAround, type Rings } from './rings'
import { INKS, type Inks } from './inks'
import type { Theme } from './theme'
import { rings as outlines } from './zones'

/** What lies between the base map and the tracks: coverage, sites of sensors, range rings, a chosen zone; above them a measured line. */

/** How a sensor stands: a mark for it, and the word beside the mark; none while it is sound. */
const LONG_NAME = 14 // a node of SAPIENT is called by 36 characters, which would lie over half the map

export interface Health { mark: 'sound' | 'dead' | 'alarm'; word: string }

export interface Drawn {
  sensors: readonly SensorSite[]
  sites: boolean
  coverage: boolean
  rings: { rings: Rings; centre: Place } | null
  measure: { from: Place; to: Place | null; words: string } | null
  zone: GeoJSON.Geometry | null
  health: (sensor: SensorSite) => Health
}

const FONT = '11px "B612 Mono", monospace'
const NAMED_FROM = 5.5 // zoom from which the sites of sound sensors are named

export class Overlay {
  private readonly canvas = document.createElement('canvas')
  private readonly above = document.createElement('canvas')
  private state = '' // of what is drawn
  private sensors: Drawn['sensors'] = []
  private zoned: Drawn['zone'] = null

  constructor(container: HTMLElement, private theme: Theme, private scale: number) {
    this.canvas.className = 'overlay'
    this.above.className = 'measured'
    for (const canvas of [this.canvas, this.above]) canvas.setAttribute('aria-hidden', 'true')
    container.append(this.canvas, this.above)
  }

  setTheme(theme: Theme, scale: number): void {
    this.theme = theme
    this.scale = scale
  }

  get surface(): HTMLCanvasElement { return this.canvas }

  /** Whether anything differs from what is on the canvases; a picture a second differs in tracks, which are not here. */
  private isNew(camera: Camera, drawn: Drawn): boolean {
    const { sensors, sites, coverage, rings, measure, zone, health } = drawn
    const of_sensors = sites || coverage ? sensors.map((s) => `${s.latitude_deg} ${s.longitude_deg} ${health(s).mark} ${health(s).word}`) : []
    const state = JSON.stringify([camera, this.theme, this.scale, window.devicePixelRatio, sites, coverage, of_sensors, rings, measure])
    const isSame = state === this.state && sensors === this.sensors && zone === this.zoned
    this.state = state
    this.sensors = sensors
    this.zoned = zone
    return !isSame
  }

  draw(camera: Camera, drawn: Drawn): void {
    if (!this.isNew(camera, drawn)) return
    const ratio = (window.devicePixelRatio || 1) * this.scale
    const [w, h] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)]
    // an empty canvas costs as much as a full one: it is not there
    this.canvas.hidden = !(drawn.zone || drawn.coverage || drawn.rings || (drawn.sites && drawn.sensors.length))
    this.above.hidden = !drawn.measure
    const [g, top] = [this.canvas, this.above].map((canvas) => {
      if (canvas.hidden) { canvas.width = canvas.height = 1; return canvas.getContext('2d')! }
      if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h }
      const context = canvas.getContext('2d')!
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.clearRect(0, 0, camera.width, camera.height)
      context.lineJoin = 'round'
      return context
    })
    const ink = INKS[this.theme]
    if (drawn.zone) this.zone(g, camera, drawn.zone, ink)
    if (drawn.coverage) this.coverage(g, camera, drawn, ink)
    if (drawn.rings) this.rings(g, camera, drawn.rings.rings, drawn.rings.centre, ink)
    if (drawn.sites) this.sites(g, camera, drawn, ink)
    if (drawn.measure) this.measure(top, camera, drawn.measure, ink)
  }

  private zone(g: CanvasRenderingContext2D, camera: Camera, geometry: GeoJSON.Geometry, ink: Inks): void {
    g.beginPath()
    for (const ring of outlines(geometry)) trace(g, camera, ring.map(([longitude_deg, latitude_deg]) => ({ longitude_deg, latitude_deg })))
    for (const [style, width] of [[ink.halo, 5], [ink.chosen, 1.8]] as const) stroke(g, style, width)
  }

  private coverage(g: CanvasRenderingContext2D, camera: Camera, { sensors, health }: Drawn, ink: Inks): void {
    for (const sensor of sensors) {
      if (sensor.outline.length < 3) continue
      const lost = health(sensor).mark === 'dead'
      g.beginPath()
      trace(g, camera, sensor.outline.map(([longitude_deg, latitude_deg]) => ({ longitude_deg, latitude_deg })))
      g.closePath()
      g.fillStyle = ink.coverage
      g.globalAlpha = lost ? 0 : 0.06 // what is dead sees nothing: its outline alone is left
      g.fill()
      g.globalAlpha = 0.85
      stroke(g, lost ? ink.trouble : ink.coverage, 1, lost ? [2, 5] : [1, 3])
      if (sensor.received.length > 2) { // what it has really seen
        g.beginPath()
        trace(g, camera, sensor.received.map(([longitude_deg, latitude_deg]) => ({ longitude_deg, latitude_deg })))
        g.closePath()
        stroke(g, lost ? ink.trouble : ink.sensor, 1.4)
      }
      g.globalAlpha = 1
    }
  }

  private sites(g: CanvasRenderingContext2D, camera: Camera, drawn: Drawn, ink: Inks): void {
    g.font = FONT
    g.textBaseline = 'middle'
    g.textAlign = 'left'
    for (const sensor of drawn.sensors) {
      const [x, y] = project(camera, sensor.longitude_deg, sensor.latitude_deg)
      if (x < -40 || y < -20 || x > camera.width + 40 || y > camera.height + 20) continue
      const { mark, word } = drawn.health(sensor)
      const style = mark === 'sound' ? ink.sensor : ink.trouble
      antenna(g, x, y)
      stroke(g, ink.halo, 4)
      antenna(g, x, y)
      stroke(g, style, 1.5)
      if (mark === 'dead') {
        g.beginPath()
        for (const side of [-1, 1]) {
          g.moveTo(x - 7 * side, y - 7)
          g.lineTo(x + 7 * side, y + 7)
        }
        stroke(g, ink.halo, 4.5)
        stroke(g, ink.trouble, 2)
      } else if (mark === 'alarm') {
        g.beginPath()
        g.moveTo(x, y - 12)
        g.lineTo(x + 11, y + 8)
        g.lineTo(x - 11, y + 8)
        g.closePath()
        stroke(g, ink.trouble, 1.5)
      }
      if (mark === 'sound' && camera.zoom < NAMED_FROM) continue
      const name = sensor.sensor_id.length > LONG_NAME ? `${sensor.sensor_id.slice(0, LONG_NAME - 1)}…` : sensor.sensor_id
      words(g, word ? `${name}: ${word}` : name, x + 12, y, style, ink.halo)
    }
  }

  private rings(g: CanvasRenderingContext2D, camera: Camera, rings: Rings, centre: Place, ink: Inks): void {
    const all = ringsAround(rings, centre)
    const [x, y] = project(camera, centre.longitude_deg, centre.latitude_deg)
    g.beginPath()
    for (const { places } of all) trace(g, camera, places)
    g.globalAlpha = 0.9
    stroke(g, ink.ring, 1, [6, 3])
    const last = all.at(-1)
    if (last) {
      g.beginPath() // a stroke at every thirty degrees, a longer one to the north
      last.places.forEach((place, i) => {
        if ((i * 2) % 30 !== 0 || i === last.places.length - 1) return
        const [px, py] = project(camera, place.longitude_deg, place.latitude_deg)
        const away = Math.hypot(px - x, py - y) || 1
        const reach = i === 0 ? 12 : 6
        g.moveTo(px, py)
        g.lineTo(px + ((px - x) / away) * reach, py + ((py - y) / away) * reach)
      })
      stroke(g, ink.ring, 1.4)
    }
    g.beginPath()
    g.moveTo(x - 7, y)
    g.lineTo(x + 7, y)
    g.moveTo(x, y - 7)
    g.lineTo(x, y + 7)
    stroke(g, ink.ring, 1.4)
    g.globalAlpha = 1
    g.font = FONT
    g.textAlign = 'center'
    g.textBaseline = 'middle'
    let before = y
    for (const { radius_m, places } of all) {
      const [px, py] = project(camera, places[0].longitude_deg, places[0].latitude_deg)
      if (before - py < 15) continue // too narrow to be written beside the last
      before = py
      words(g, roundDistance(radius_m), px, py - 9, ink.ring, ink.halo)
    }
  }

  private measure(g: CanvasRenderingContext2D, camera: Camera, { from, to, words: text }: NonNullable<Drawn['measure']>, ink: Inks): void {
    const ends = [from, ...(to ? [to] : [])].map((p) => project(camera, p.longitude_deg, p.latitude_deg))
    if (to) {
      g.beginPath()
      trace(g, camera, way(from, to))
      stroke(g, ink.halo, 5)
      stroke(g, ink.measure, 1.8)
    }
    for (const [x, y] of ends) {
      g.beginPath()
      g.arc(x, y, 5, 0, 2 * Math.PI)
      stroke(g, ink.halo, 4)
      stroke(g, ink.measure, 1.8)
    }
    if (!to) return
    const half = way(from, to, 2)[1]
    const [x, y] = project(camera, half.longitude_deg, half.latitude_deg)
    g.font = `bold ${FONT}`
    g.textAlign = 'center'
    g.textBaseline = 'middle'
    const width = g.measureText(text).width + 14
    g.fillStyle = ink.halo
    g.globalAlpha = 0.88
    g.fillRect(x - width / 2, y - 10, width, 20)
    g.globalAlpha = 1
    g.lineWidth = 1
    g.strokeStyle = ink.measure
    g.strokeRect(x - width / 2, y - 10, width, 20)
    g.fillStyle = ink.measure
    g.fillText(text, x, y + 0.5)
  }

  destroy(): void { this.canvas.remove(); this.above.remove() }
}

/** 41.3 NM, 064°T */
export function measured(from: Place, to: Place): string {
  const { distance_m, bearing_deg } = between(from, to)
  return distance_m > 0 ? `${distance(distance_m)}  ${bearing(bearing_deg)}T` : distance(0)
}

/** A path through places; no line from one side of the world to the other. */
function trace(g: CanvasRenderingContext2D, camera: Camera, places: readonly Place[]): void {
  let last: [number, number] | null = null
  for (const { longitude_deg, latitude_deg } of places) {
    const [x, y] = project(camera, longitude_deg, latitude_deg)
    if (!last || Math.abs(x - last[0]) > 2 * camera.width + 2000) g.moveTo(x, y)
    else g.lineTo(x, y)
    last = [x, y]
  }
}

function stroke(g: CanvasRenderingContext2D, style: string, width: number, dash: number[] = []): void {
  g.strokeStyle = style
  g.lineWidth = width
  g.setLineDash(dash)
  g.stroke()
  g.setLineDash([])
}

function words(g: CanvasRenderingContext2D, text: string, x: number, y: number, style: string, halo: string): void {
  g.lineWidth = 3.5
  g.strokeStyle = halo
  g.strokeText(text, x, y)
  g.fillStyle = style
  g.fillText(text, x, y)
}

/** A dish on its mast. */
function antenna(g: CanvasRenderingContext2D, x: number, y: number): void {
  g.beginPath()
  g.moveTo(x - 5, y + 5)
  g.lineTo(x + 5, y + 5)
  g.moveTo(x, y + 5)
  g.lineTo(x, y)
  g.moveTo(x - 5.5, y - 4)
  g.quadraticCurveTo(x, y + 4, x + 5.5, y - 4)
}
