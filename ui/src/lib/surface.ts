/** What is painted on, in a page or in a worker. */
export type Surface = HTMLCanvasElement | OffscreenCanvas
export type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** A surface that nobody sees, where there is a document and where there is none. */
export function hiddenSurface(width: number, height: number): Surface {
  if (typeof document === 'undefined') return new OffscreenCanvas(width, height)
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  return canvas
}
