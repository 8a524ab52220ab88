import mono from '@fontsource/b612-mono/files/b612-mono-latin-400-normal.woff2?url'
import { Air } from './air'
import { Painter, type Look, type Scene } from './painter'
import type { Painted, ToPainter } from './painting'
import { Trails } from './trails'
import { show } from './units'

/** The worker that paints the tracks: it is told what the page is told, and gives back one bitmap for each wish. */

const scope = self as unknown as {
  fonts?: FontFaceSet
  onmessage: ((event: MessageEvent<ToPainter>) => void) | null
  postMessage: (message: Painted, transfer: Transferable[]) => void
}
const air = new Air(new Trails())
const above = new OffscreenCanvas(1, 1)
const under = new OffscreenCanvas(1, 1)
above.getContext('2d', { willReadFrequently: true }) // pixels are put there: it stays where the processor is
const painter = new Painter({ above, under }, air)
let scene: Scene | null = null
let look: Look = { theme: 'dark', ratio: 1, exercise: false }

// Labels are in the page's own font; without it they are in the system's.
const font = scope.fonts ? new FontFace('B612 Mono', `url(${mono})`).load().then((face) => { scope.fonts?.add(face) }, () => undefined) : null

function hear(message: ToPainter): void {
  if (message.kind === 'look') painter.setLook((look = message.look))
  else if (message.kind === 'names') {
    const { slots, callsigns, track_ids, foreign, gone } = message
    air.rename(slots.map((slot, i) => ({ slot, track_id: track_ids[i], callsign: callsigns[i], icao24: null, mode3a: null, foreign: foreign[i], registry: null })), gone)
  }
  else if (message.kind === 'clear') air.clear()
  else if (message.kind === 'picture') air.show(message.picture)
  else paint(message)
}

function paint({ camera, ahead_s, replace, ...message }: Extract<ToPainter, { kind: 'paint' }>): void {
  scene = message.scene ?? scene
  if (!scene) return
  show(message.shown)
  if (replace) painter.place(camera, scene)
  painter.draw(camera, scene, ahead_s)
  const whole = under.getContext('2d')!
  whole.setTransform(1, 0, 0, 1, 0, 0)
  whole.globalAlpha = 1
  whole.drawImage(above, 0, 0)
  const bitmap = under.transferToImageBitmap()
  scope.postMessage({ camera, look, bitmap, paint_ms: painter.paint_ms, now_ms: air.picture?.now_ms ?? null }, [bitmap])
}

// until the font is there, what is said waits: no label is ever drawn in another
const waiting: ToPainter[] = []
scope.onmessage = (event) => waiting.push(event.data)
void Promise.resolve(font).then(() => {
  for (const message of waiting) hear(message)
  scope.onmessage = (event) => hear(event.data)
})
