import type { Picture } from './decode'
import type { Camera } from './mercator'
import type { Look, Scene } from './painter'
import type { Shown } from './units'

/** What the page and the worker that paints the tracks say to one another. */

export type ToPainter =
  | { kind: 'look'; look: Look }
  /** what of names is painted, in columns: thousands of objects would be copied one by one */
  | { kind: 'names'; slots: number[]; callsigns: (string | null)[]; track_ids: string[]; foreign: boolean[]; gone: number[] }
  | { kind: 'clear' }
  | { kind: 'picture'; picture: Picture }
  /** `scene` null: as the last one */
  | { kind: 'paint'; camera: Camera; scene: Scene | null; ahead_s: number; replace: boolean; shown: Shown }

/** `look`: what it is painted in; `now_ms`: of the picture that is painted; null: of none yet */
export interface Painted { camera: Camera; look: Look; bitmap: ImageBitmap; paint_ms: number; now_ms: number | null }
