import { takePainter } from './ahead'
import type { Air, Follower } from './air'
import type { Picture } from './decode'
import type { TrackName } from './contract'
import { project, type Camera } from './mercator'
import { Painter, type Look, type Scene } from './painter'
import type { Painted, ToPainter } from './painting'
import { Trails } from './trails'
import { shownSo } from './units'

/** Where the tracks are painted: in a worker, so that nobody waits for 5,000 symbols; in the page where a browser has no such worker. */

const PATIENCE_MS = 10_000 // then a worker is as dead as a feed

interface Wish { camera: Camera; scene: Scene; ahead_s: number; replace: boolean }

export interface EaselOptions {
  container: HTMLElement
  air: Air
  look: Look
  onPainted: (now_ms: number | null, look: Look) => void // what was asked for is on screen, with the picture of this time
}

export class Easel implements Follower {
  paint_ms = 0 // of one painting, a running mean
  private look: Look
  private worker: Worker | null = null
  private here: Painter | null = null
  private canvases: HTMLCanvasElement[] = []
  private painted: Camera | null = null // of what is on screen
  private busy = false // the worker paints
  private began_ms = 0 // since then
  private wish: Wish | null = null // what is asked of it next
  private last: Wish | null = null // what was asked last
  private sent: Scene | null = null

  constructor(private readonly options: EaselOptions) {
    this.look = options.look
    const worker = takePainter()
    if (worker) this.beginApart(worker)
    else this.beginHere()
  }

  private canvas(name: string): HTMLCanvasElement {
    const canvas = document.createElement('canvas')
    canvas.className = name
    canvas.setAttribute('aria-hidden', 'true') // the track table is the readable form
    this.options.container.append(canvas)
    this.canvases.push(canvas)
    return canvas
  }

  private beginHere(): void {
    const [under, above] = [this.canvas('vectors'), this.canvas('tracks')]
    this.options.air.trails ??= new Trails() // from now on
    this.here = new Painter({ under, above }, this.options.air, this.look)
  }

  private beginApart(worker: Worker): void {
    this.worker = worker
    const canvas = this.canvas('tracks')
    const shown = canvas.getContext('bitmaprenderer')!
    worker.onmessage = ({ data }: MessageEvent<Painted>) => {
      shown.transferFromImageBitmap(data.bitmap)
      canvas.style.width = `${data.camera.width}px`
      canvas.style.height = `${data.camera.height}px`
      this.painted = data.camera
      this.paint_ms = data.paint_ms
      this.busy = false
      this.lay(this.last?.camera ?? data.camera)
      this.options.onPainted(data.now_ms, data.look)
      this.next()
    }
    worker.onerror = (event) => this.giveUp(event.message)
    worker.onmessageerror = () => this.giveUp('what was sent cannot be read')
    this.tell({ kind: 'look', look: this.look })
    this.options.air.follow(this)
  }

  /** The worker does not run, or no longer: the page paints itself, for an old picture must not look like the present. */
  private giveUp(why: string): void {
    console.warn('no painting in a worker:', why)
    this.stop()
    this.beginHere()
    if (this.last) this.paint(this.last.camera, this.last.scene, this.last.ahead_s, true)
  }

  private tell(message: ToPainter): void { this.worker?.postMessage(message) }

  // ---------------------------------------------------------------- what the air says, to the worker

  rename(tracks: TrackName[], gone: number[]): void {
    this.tell({
      kind: 'names', slots: tracks.map((t) => t.slot), callsigns: tracks.map((t) => t.callsign),
      track_ids: tracks.map((t) => t.track_id), foreign: tracks.map((t) => t.foreign === true), gone,
    })
  }
  clear(): void { this.tell({ kind: 'clear' }) }
  show(picture: Picture): void { this.tell({ kind: 'picture', picture }) }

  // ---------------------------------------------------------------- what the page asks

  setLook(look: Look): void {
    const { theme, ratio, exercise } = this.look
    if (look.theme === theme && look.ratio === ratio && look.exercise === exercise) return
    this.look = look
    this.here?.setLook(look)
    this.tell({ kind: 'look', look })
  }

  /** Lay what is painted where the map has moved to, until it is painted anew. */
  lay(camera: Camera): void {
    const { painted } = this
    if (!painted) return
    const grown = 2 ** (camera.zoom - painted.zoom)
    const [x, y] = project(camera, painted.longitude_deg, painted.latitude_deg)
    const [dx, dy] = [x - painted.width / 2, y - painted.height / 2]
    const still = Math.abs(dx) < 0.01 && Math.abs(dy) < 0.01 && grown === 1
    const transform = still ? '' : `translate(${dx}px, ${dy}px) scale(${grown})`
    for (const canvas of this.canvases) if (canvas.style.transform !== transform) canvas.style.transform = transform
  }

  /** Paint, soon; `replace`: labels may go elsewhere. What was asked before and is not begun is forgotten. */
  paint(camera: Camera, scene: Scene, ahead_s: number, replace: boolean): void {
    if (this.here) {
      if (replace) this.here.place(camera, scene)
      this.here.draw(camera, scene, ahead_s)
      this.paint_ms = this.here.paint_ms
      this.options.onPainted(this.options.air.picture?.now_ms ?? null, this.look)
      return
    }
    this.wish = { camera, scene, ahead_s, replace: replace || this.wish?.replace === true }
    this.last = this.wish
    this.lay(camera)
    if (this.busy && performance.now() - this.began_ms > PATIENCE_MS) this.giveUp(`nothing came of it for ${PATIENCE_MS / 1000} s`)
    else this.next()
  }

  private next(): void {
    const { wish } = this
    if (!wish || this.busy) return
    this.wish = null
    this.busy = true
    this.began_ms = performance.now()
    const { camera, ahead_s, replace } = wish
    this.tell({ kind: 'paint', camera, ahead_s, replace, scene: wish.scene === this.sent ? null : wish.scene, shown: shownSo() })
    this.sent = wish.scene
  }

  private stop(): void {
    this.options.air.follow(null)
    this.worker?.terminate()
    this.worker = null
    for (const canvas of this.canvases) canvas.remove()
    this.canvases = []
    this.painted = null
  }
  destroy(): void { this.stop() }
}
