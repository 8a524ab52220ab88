import { COORDINATES, UNITS, show, type Shown } from './format'

/** What a person chose of how things are shown and heard; kept in this browser. */
export interface View extends Shown { sound: boolean; scale: Scale }

/** How much larger than usual everything is: for a wall that is read across a room, and for tired eyes. */
export const SCALES = [1, 1.25, 1.5, 2, 2.5, 3] as const
export type Scale = (typeof SCALES)[number]
const NARROWEST = 1000 // pixels of ours that the page needs beside one another

/** As large as was wished, as far as a screen of so many pixels has room for it; a phone has none to give. */
export const fittingScale = (wished: Scale, width: number): Scale =>
  SCALES.filter((scale) => scale <= wished && width / scale >= NARROWEST).at(-1) ?? 1

const KEY = 'vedette.view'
export const DEFAULT: View = { units: 'aviation', coordinates: 'dm', sound: false, scale: 1 }

/** What was kept; whatever of it is not one of ours is as at first. */
export function readView(text: string | null): View {
  try {
    const kept = JSON.parse(text ?? '{}') as Partial<View>
    return {
      units: kept.units && kept.units in UNITS ? kept.units : DEFAULT.units,
      coordinates: kept.coordinates && kept.coordinates in COORDINATES ? kept.coordinates : DEFAULT.coordinates,
      sound: kept.sound === true,
      scale: SCALES.find((scale) => scale === kept.scale) ?? DEFAULT.scale,
    }
  } catch {
    return DEFAULT
  }
}
export function keptView(): View {
  const view = readView(localStorage.getItem(KEY))
  show(view)
  return view
}
export function keepView(view: View): void {
  localStorage.setItem(KEY, JSON.stringify(view))
  show(view)
}
