import type { Air } from './air'
import { IDENTITIES, type InterferenceCell, type TrailPoint } from './contract'
import type { Shown } from './filters'
import { INKS } from './inks'
import { placeLabels, type Label, type LabelWish } from './labels'
import type { Layers } from './layers'
import { mercatorX, mercatorY, pixelsPerMetre, project, worldPixels, type Camera } from './mercator'
import { placesOf } from './places'
import { Sheet, stampOf, type Stamp } from './stamps'
import type { Pen, Surface } from './surface'
import { LINE, Sprites } from './symbols'
import type { Theme } from './theme'
import { level, speed, trackTitle } from './units'

/** Draws all tracks on canvases above the base map, in a page or in a worker: it knows no document. */

const LEADER_S = 60 // the vector ends where the track will be in a minute
const COASTING = 2
const TENTATIVE = 0
const FOOT = 30 // pixels that the scale and the credits take
const QUIET = 90 // up to so many tracks in view, all are labelled
const FEW = 28 // labels in a crowded view
// By identity: unknown and worse before pending, the rest only when selected or in an incident.
const PRIORITY = [1, 2, 0, 0, 0, 5, 6]
const FONT = '11px "B612 Mono", monospace'
const SIGMAS = 2.45 // of a two-dimensional normal, of which so many hold 95 %

export interface Scene {
  slot: number // selected track, or -1
  incidents: Map<number, { open: boolean; chosen: boolean }> // by slot
  trail: TrailPoint[] // of the selected incident
  interference: InterferenceCell[] // where satellite navigation is disturbed
  lost: boolean // nothing that is drawn is current
  layers: Layers
  shown: Shown | null // rows that a filter leaves; null: all
}

/** `ratio`: device pixels of one of ours. `exercise`: symbols are marked as those of one. */
export interface Look { theme: Theme; ratio: number; exercise: boolean }

/** What is drawn on: symbols and labels above, trails and vectors under them. */
export interface Surfaces { above: Surface; under: Surface }

export class Painter {
  paint_ms = 0 // running mean of one frame's work
  private sprites: Sprites
  private readonly sheet = new Sheet()
  private stamps = new Map<number, Stamp>()
  private readonly seen = { x: new Float32Array(0), y: new Float32Array(0), row: new Int32Array(0), n: 0 }
  private labels: Label[] = []
  private wishes: { row: number; lines: [string, string]; width: number }[] = []
  private spots = new Map<number, number>()
  private characterWidth = 6.6

  constructor(private readonly surfaces: Surfaces, private readonly air: Air, private look: Look = { theme: 'dark', ratio: 1, exercise: false }) {
    this.sprites = new Sprites(look)
  }

  private get theme(): Theme { return this.look.theme }
  private get ratio(): number { return this.look.ratio }

  setLook(look: Look): void {
    this.look = look
    this.sprites = new Sprites(look)
    this.stamps = new Map()
  }

  /** Decide which labels are shown and where; once a picture and after each move, not each frame. */
  place(camera: Camera, scene: Scene): void {
    this.project(camera, 0, scene.shown)
    const { picture } = this.air
    const g = penOf(this.surfaces.above)
    g.font = FONT
    this.characterWidth = g.measureText('0').width
    this.wishes = []
    const wishes: LabelWish[] = []
    const crowded = this.seen.n > QUIET
    for (let k = 0; picture && scene.layers.labels && k < this.seen.n; k++) {
      const i = this.seen.row[k]
      const slot = picture.slot[i]
      const priority = this.priority(i, slot, scene)
      if (priority < 0) continue
      if (crowded && priority < 1 && k % Math.ceil(this.seen.n / 400)) continue // a fair sample is enough
      const name = this.air.names.get(slot)
      const pace = speed(picture.speed_mps[i])
      const lines: [string, string] = [trackTitle(name?.callsign, name?.track_id), `${level(picture.height_m[i])} ${pace}`]
      const width = Math.max(lines[0].length, lines[1].length) * this.characterWidth + 4
      const full = priority >= 1
      wishes.push({ key: slot, x: this.seen.x[k], y: this.seen.y[k], width, height: 25, gap: full ? 12 : 4, priority })
      this.wishes.push({ row: i, lines, width })
    }
    const most = crowded ? FEW + wishes.filter((w) => w.priority >= 1).length : QUIET
    this.labels = placeLabels(wishes, this.seen, { width: camera.width, height: camera.height - FOOT }, this.spots, most)
    this.spots = new Map(this.labels.map((label) => [label.key, label.spot]))
  }

  private priority(row: number, slot: number, scene: Scene): number {
    if (slot === scene.slot) return 10
    const incident = scene.incidents.get(slot)
    if (incident) return incident.chosen ? 9 : incident.open ? 8 : 2
    const picture = this.air.picture!
    if (picture.status[row] === TENTATIVE) return -1 // may be nothing: small, and unnamed
    return PRIORITY[picture.identity[row]] ?? 0
  }

  /** Screen positions of the tracks in view, `ahead_s` after the picture. */
  private project(camera: Camera, ahead_s: number, shown: Shown | null): void {
    const { picture } = this.air
    const seen = this.seen
    seen.n = 0
    if (!picture) return
    if (seen.x.length < picture.n) {
      seen.x = new Float32Array(picture.n * 2)
      seen.y = new Float32Array(picture.n * 2)
      seen.row = new Int32Array(picture.n * 2)
    }
    const world = worldPixels(camera)
    const [cx, cy] = [mercatorX(camera.longitude_deg), mercatorY(camera.latitude_deg)]
    const [midX, midY, edge] = [camera.width / 2, camera.height / 2, 30]
    const [right, bottom] = [camera.width + edge, camera.height + edge]
    const places = placesOf(picture)
    for (let i = 0; i < picture.n; i++) {
      if (shown?.rows[i] === 0) continue
      let dx = places.x[i] + places.east[i] * ahead_s - cx
      dx -= Math.round(dx)
      const x = midX + dx * world
      const y = midY + (places.y[i] + places.south[i] * ahead_s - cy) * world
      if (x < -edge || y < -edge || x > right || y > bottom) continue
      seen.x[seen.n] = x
      seen.y[seen.n] = y
      seen.row[seen.n++] = i
    }
  }

  draw(camera: Camera, scene: Scene, ahead_s: number): void {
    const began = performance.now()
    const { picture } = this.air
    const [w, h] = [camera.width, camera.height].map((size) => Math.max(1, Math.round(size * this.ratio)))
    const [g, below] = [this.surfaces.above, this.surfaces.under].map((canvas) => {
      if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h }
      const context = penOf(canvas)
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0)
      context.globalAlpha = 1
      context.clearRect(0, 0, camera.width, camera.height)
      return context
    })
    if (!picture) return
    this.project(camera, ahead_s, scene.shown)
    if (scene.layers.interference) this.interference(below, camera, scene)
    if (scene.layers.all_trails) this.allTrails(below, camera)
    if (scene.layers.trails) this.trails(below, camera, scene)
    if (scene.layers.vectors) this.vectors(below, camera)
    if (scene.layers.all_ellipses) this.allEllipses(below, camera)
    this.sheet.clear(w, h)
    this.symbols(g, camera, scene)
    this.blocks(g, camera, ahead_s)
    this.paint_ms = this.paint_ms * 0.8 + (performance.now() - began) * 0.2
  }

  /** Cells of the map of interference: the likelier the stronger, with aircraft affected of those heard. */
  private interference(g: Pen, camera: Camera, scene: Scene): void {
    const ink = INKS[this.theme]
    g.font = FONT
    for (const cell of scene.interference) {
      const [west, south] = project(camera, cell.longitude_deg, cell.latitude_deg)
      const [east, north] = project(camera, cell.longitude_deg + cell.width_deg, cell.latitude_deg + cell.height_deg)
      const [w, h] = [east - west, south - north]
      if (w <= 0 || east < 0 || south < 0 || west > camera.width || north > camera.height) continue
      g.globalAlpha = 0.08 + 0.2 * cell.probability
      g.fillStyle = ink.disputed
      g.fillRect(west, north, w, h)
      g.globalAlpha = 0.4 + 0.6 * cell.probability
      g.strokeStyle = ink.disputed
      g.lineWidth = 1
      g.setLineDash(cell.probability >= 0.5 ? [] : [4, 4])
      g.strokeRect(west, north, w, h)
      g.setLineDash([])
      g.globalAlpha = 1
      if (w < 60) continue
      g.fillStyle = ink.text
      g.fillText(`GNSS ${cell.affected}/${cell.seen}`, west + 4, north + 13)
    }
  }

  private trails(g: Pen, camera: Camera, scene: Scene): void {
    const ink = INKS[this.theme]
    const line = (points: [number, number][], style: string, width: number, dash: number[]): void => {
      if (points.length < 2) return
      g.beginPath()
      points.forEach(([x, y], i) => (i ? g.lineTo(x, y) : g.moveTo(x, y)))
      g.strokeStyle = style
      g.lineWidth = width
      g.setLineDash(dash)
      g.stroke()
      g.setLineDash([])
    }
    if (scene.trail.length) {
      const points = scene.trail.map(([, latitude, longitude]) => project(camera, longitude, latitude))
      line(points, ink.halo, 4, [])
      line(points, ink.incident, 1.8, [])
      g.fillStyle = ink.incident
      let last: [number, number] = [-99, -99]
      for (const [x, y] of points) {
        if (Math.hypot(x - last[0], y - last[1]) < 14) continue
        g.fillRect(x - 1.5, y - 1.5, 3, 3)
        last = [x, y]
      }
    }
    if (scene.slot >= 0 && !scene.trail.length)
      line(this.air.trail(scene.slot).map(([longitude, latitude]) => project(camera, longitude, latitude)), ink.leader, 1.3, [2, 3])
  }

  private allTrails(g: Pen, camera: Camera): void {
    const picture = this.air.picture!
    g.beginPath()
    for (let k = 0; k < this.seen.n; k++) {
      this.air.trail(picture.slot[this.seen.row[k]]).forEach(([longitude, latitude], i) => {
        const [x, y] = project(camera, longitude, latitude)
        if (i) g.lineTo(x, y)
        else g.moveTo(x, y)
      })
      g.lineTo(this.seen.x[k], this.seen.y[k])
    }
    g.strokeStyle = INKS[this.theme].leader
    g.globalAlpha = 0.6
    g.lineWidth = 1 / this.ratio
    g.stroke()
    g.globalAlpha = 1
  }

  /** Half axes in pixels of the ellipse that holds the true position with 95 %, and how the longer one is turned. */
  private ellipse(camera: Camera, row: number): [major: number, minor: number, turn: number] {
    const p = this.air.picture!
    const scale = SIGMAS * pixelsPerMetre(camera, p.latitude_deg[row])
    return [p.sigma_m[row] * scale, p.sigma_minor_m[row] * scale, p.sigma_axis_rad[row] - Math.PI / 2]
  }

  private allEllipses(g: Pen, camera: Camera): void {
    const p = this.air.picture!
    g.beginPath()
    for (let k = 0; k < this.seen.n; k++) {
      const i = this.seen.row[k]
      const [major, minor, turn] = this.ellipse(camera, i)
      if (!(major > 6)) continue // the symbol covers it
      g.moveTo(this.seen.x[k] + major * Math.cos(turn), this.seen.y[k] + major * Math.sin(turn))
      g.ellipse(this.seen.x[k], this.seen.y[k], major, minor, turn, 0, 2 * Math.PI)
    }
    g.strokeStyle = INKS[this.theme].uncertainty
    g.lineWidth = 1 / this.ratio
    g.stroke()
  }

  private vectors(g: Pen, camera: Camera): void {
    const p = this.air.picture!
    const lines = LINE[this.theme]
    const { east, south } = placesOf(p)
    const reach = worldPixels(camera) * LEADER_S
    const least = 0.05 * LEADER_S
    g.lineWidth = 1 / this.ratio // one pixel: the hairline that browsers draw thirty times faster
    IDENTITIES.forEach((identity, number) => {
      g.beginPath()
      let any = false
      for (let k = 0; k < this.seen.n; k++) {
        const i = this.seen.row[k]
        if (p.identity[i] !== number) continue
        const [dx, dy] = [east[i] * reach, south[i] * reach]
        if (Math.abs(dx) + Math.abs(dy) < least) continue
        g.moveTo(this.seen.x[k], this.seen.y[k])
        g.lineTo(this.seen.x[k] + dx, this.seen.y[k] + dy)
        any = true
      }
      if (!any) return
      g.strokeStyle = lines[identity]
      g.globalAlpha = number === 4 || number === 2 ? 0.6 : 0.95
      g.stroke()
    })
    g.globalAlpha = 1
  }

  private symbols(g: Pen, camera: Camera, scene: Scene): void {
    const p = this.air.picture!
    const ink = INKS[this.theme]
    const above: number[] = []
    const small = (k: number): void => {
      const i = this.seen.row[k]
      const key = p.identity[i] * 4 + p.status[i]
      let stamp = this.stamps.get(key)
      if (!stamp) {
        const sprite = this.sprites.get(p.identity[i], 0, false, p.status[i] === COASTING)
        stamp = stampOf(sprite.image, sprite.x * this.ratio, sprite.y * this.ratio, p.status[i] === TENTATIVE ? 0.55 : 1)
        this.stamps.set(key, stamp)
      }
      this.sheet.put(stamp, this.seen.x[k] * this.ratio, this.seen.y[k] * this.ratio)
    }
    const full = (k: number): void => {
      const i = this.seen.row[k]
      const sprite = this.sprites.get(p.identity[i], p.object_class[i], true, p.status[i] === COASTING)
      g.globalAlpha = p.status[i] === TENTATIVE ? 0.55 : 1
      g.drawImage(sprite.image, Math.round((this.seen.x[k] - sprite.x) * this.ratio) / this.ratio,
        Math.round((this.seen.y[k] - sprite.y) * this.ratio) / this.ratio, sprite.width, sprite.height)
    }
    for (let k = 0; k < this.seen.n; k++) {
      const i = this.seen.row[k]
      if (this.priority(i, p.slot[i], scene) >= 1) above.push(k)
      else small(k)
    }
    this.sheet.draw(g)
    above.sort((a, b) => this.priority(this.seen.row[a], p.slot[this.seen.row[a]], scene) - this.priority(this.seen.row[b], p.slot[this.seen.row[b]], scene))
    for (const k of above) {
      const i = this.seen.row[k]
      const [x, y, slot] = [this.seen.x[k], this.seen.y[k], p.slot[i]]
      const incident = scene.incidents.get(slot)
      const chosen = slot === scene.slot
      g.globalAlpha = 1
      if ((chosen || incident?.chosen) && scene.layers.ellipses) {
        const [major, minor, turn] = this.ellipse(camera, i)
        if (major > 6) ring(g, x, y, major, ink.uncertainty, 1, [2, 3], minor, turn)
      }
      if (incident?.open) ring(g, x, y, 17, ink.incident, 1.6, [])
      full(k)
      if (chosen) corners(g, x, y, incident?.open ? 22 : 17, ink.chosen)
    }
    this.foreign(g, scene)
    g.globalAlpha = 1
  }

  /** Dashed squares around tracks that no sensor of ours has seen. */
  private foreign(g: Pen, scene: Scene): void {
    const p = this.air.picture!
    g.globalAlpha = 1
    g.beginPath()
    for (let k = 0; k < this.seen.n; k++) {
      const slot = p.slot[this.seen.row[k]]
      if (!this.air.names.get(slot)?.foreign) continue
      const half = this.priority(this.seen.row[k], slot, scene) >= 1 ? 15 : 9
      g.rect(this.seen.x[k] - half, this.seen.y[k] - half, 2 * half, 2 * half)
    }
    g.strokeStyle = INKS[this.theme].text
    g.lineWidth = 1.2
    g.setLineDash([3, 3])
    g.stroke()
    g.setLineDash([])
  }

  private blocks(g: Pen, camera: Camera, ahead_s: number): void {
    const ink = INKS[this.theme]
    const p = this.air.picture!
    const places = placesOf(p)
    g.font = FONT
    g.textBaseline = 'top'
    g.textAlign = 'left'
    g.lineJoin = 'round'
    for (const label of this.labels) {
      const wish = this.wishes[label.index]
      if (wish.row >= p.n || p.slot[wish.row] !== label.key) continue
      const world = worldPixels(camera)
      let [x, y] = project(camera, p.longitude_deg[wish.row], p.latitude_deg[wish.row])
      x += places.east[wish.row] * world * ahead_s
      y += places.south[wish.row] * world * ahead_s
      const [left, top] = [Math.round(x + label.dx), Math.round(y + label.dy)]
      const [nearX, nearY] = [Math.max(left, Math.min(x, left + wish.width)), Math.max(top, Math.min(y, top + 24))]
      const away = Math.hypot(nearX - x, nearY - y)
      if (away > 14) { // a leader only where the block stands off
        g.beginPath()
        g.moveTo(x + ((nearX - x) * 11) / away, y + ((nearY - y) * 11) / away)
        g.lineTo(nearX, nearY)
        g.strokeStyle = ink.leader
        g.lineWidth = 0.8
        g.stroke()
      }
      g.lineWidth = 3
      g.strokeStyle = ink.halo
      g.strokeText(wish.lines[0], left + 2, top)
      g.strokeText(wish.lines[1], left + 2, top + 12)
      g.fillStyle = ink.text
      g.fillText(wish.lines[0], left + 2, top)
      g.fillStyle = ink.textDim
      g.fillText(wish.lines[1], left + 2, top + 12)
    }
  }
}

const penOf = (surface: Surface): Pen => surface.getContext('2d') as Pen

function ring(g: Pen, x: number, y: number, radius: number, style: string, width: number, dash: number[], minor = radius, turn = 0): void {
  g.beginPath()
  g.ellipse(x, y, radius, minor, turn, 0, 2 * Math.PI)
  g.strokeStyle = style
  g.lineWidth = width
  g.setLineDash(dash)
  g.stroke()
  g.setLineDash([])
}

/** Four corners around the selected track: a shape of its own, so that no colour is needed. */
function corners(g: Pen, x: number, y: number, half: number, style: string): void {
  g.beginPath()
  for (const [sx, sy] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) {
    g.moveTo(x + sx * half, y + sy * (half - 6))
    g.lineTo(x + sx * half, y + sy * half)
    g.lineTo(x + sx * (half - 6), y + sy * half)
  }
  g.strokeStyle = style
  g.lineWidth = 1.6
  g.stroke()
}
