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

/**
 * Whether the browser draws WebGL 2 itself quickly. Where a processor draws in place of a graphics card, each frame of
 * MapLibre takes it from the watch, and the page's own map is many times faster.
 */
export function hasQuickWebGl2(): boolean {
  try {
    return document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true }) !== null
  } catch {
    return false
  }
}
