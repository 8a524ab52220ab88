import type { Ground, Zones } from './ground'
import type { Layers } from './layers'
import type { Camera } from './mercator'
import type { Theme } from './theme'

/** What the page asks of a base map. Two do it: MapLibre where there is WebGL 2, a plain canvas else. */
export interface Base {
  readonly kind: 'webgl' | 'plain'
  camera(): Camera
  move(to: { longitude_deg: number; latitude_deg: number; zoom?: number }, animate: boolean): void
  zoomBy(step: number): void
  /** `scale`: how much larger than usual everything on the page is */
  setTheme(theme: Theme, scale: number): void
  setLayers(layers: Layers): void
  setZones(zones: Zones): void
  resize(): void
  /** Resolves when all of the map in view is drawn. */
  settled(): Promise<void>
  destroy(): void
}

export interface BaseOptions {
  container: HTMLElement
  ground: Ground | null // null: it could not be loaded; tracks are drawn all the same
  theme: Theme
  scale: number
  layers: Layers
  start: { longitude_deg: number; latitude_deg: number; zoom: number }
  reducedMotion: boolean
  onMove: () => void
  onClick: (x: number, y: number) => void
  onHover: (x: number, y: number) => void
}

export const sizeOf = (container: HTMLElement): { width: number; height: number } => ({ width: container.clientWidth, height: container.clientHeight })

/** Names of renderers that are a processor in place of a graphics card. */
const BY_SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i

/**
 * Whether a graphics card draws WebGL 2. Where a processor does it in its place, each frame of MapLibre takes it from the
 * watch for tens of milliseconds, and the page's own map is the better one.
 */
export function hasQuickWebGl2(): boolean {
  try {
    const gl = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true })
    if (!gl) return false
    const told = gl.getExtension('WEBGL_debug_renderer_info')
    const renderer = String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
    gl.getExtension('WEBGL_lose_context')?.loseContext()
    return !BY_SOFTWARE.test(renderer)
  } catch {
    return false
  }
}
