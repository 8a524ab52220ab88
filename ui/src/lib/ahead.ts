import PaintingWorker from './painting.worker?worker'

/**
 * What the first picture waits for longest, asked for before the page's own code is read: the live socket, whose names
 * and picture come meanwhile, and the worker that paints them.
 */

type Said = MessageEvent<string | ArrayBuffer>

export function socketAt(path: string): WebSocket {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`)
  socket.binaryType = 'arraybuffer'
  return socket
}

/** The first connection, until somebody takes it; what it says meanwhile is kept. */
let socket: WebSocket | null = null
let said: Said[] = []
let worker: Worker | null = null

export function askAhead(): void {
  if (socket) return
  socket = socketAt('/ws')
  socket.onmessage = (event: Said) => {
    if (typeof event.data !== 'string') said = said.filter(({ data }) => typeof data === 'string') // one picture, the latest
    said.push(event)
  }
  worker = canPaintApart() ? new PaintingWorker() : null
}

/** The connection that was asked for, with what it has said so far; a new one where there is none that lives. */
export function takeSocket(): [WebSocket, Said[]] {
  const taken: [WebSocket, Said[]] = socket && socket.readyState <= WebSocket.OPEN ? [socket, said] : [socketAt('/ws'), []]
  taken[0].onmessage = null
  socket = null
  said = []
  return taken
}

/** A worker that paints, perhaps one that is loaded already; null where a browser has none that can. */
export function takePainter(): Worker | null {
  const taken = worker ?? (canPaintApart() ? new PaintingWorker() : null)
  worker = null
  return taken
}

function canPaintApart(): boolean {
  return typeof OffscreenCanvas !== 'undefined' && typeof OffscreenCanvasRenderingContext2D !== 'undefined'
    && typeof ImageBitmapRenderingContext !== 'undefined' && 'transferToImageBitmap' in OffscreenCanvas.prototype
}
