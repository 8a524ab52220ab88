/** How figures of motion are shown, and in which units; the wire stays SI. It knows no language, so that a worker can write labels. */

export const NONE = '–'

export interface Shown { units: 'aviation' | 'metric'; coordinates: 'dm' | 'dms' | 'decimal' | 'mgrs' }
let shown: Shown = { units: 'aviation', coordinates: 'dm' }
/** From now on figures are shown so; what is on screen has to be drawn again. */
export function show(next: Shown): void {
  shown = next
}
export const shownSo = (): Shown => shown
export const metric = (): boolean => shown.units === 'metric'

export const FOOT_M = 0.3048
const KNOT_MPS = 1852 / 3600
export const TRANSITION_FT = 5000 // shown as a flight level above it; a display rule, not an altimeter setting

/** A whole number in threes, parted by narrow spaces; by hand, since a browser loads its tables of languages for the first one. */
export const figure = (n: number): string =>
  Number.isInteger(n) ? String(n).replace(/\B(?=(\d{3})+$)/g, '\u202f') : n.toLocaleString('en-GB').replace(/,/g, '\u202f')

/** FL350, or 1,225 ft low down */
export function level(height_m: number | null): string {
  if (height_m === null || !Number.isFinite(height_m)) return NONE
  if (metric()) return `${figure(Math.round(height_m / 10) * 10)} m`
  const feet = height_m / FOOT_M
  if (feet >= TRANSITION_FT) return flightLevel(height_m)
  return `${Math.round(feet / 25) * 25} ft`
}
/** FL095, of a pressure altitude */
export const flightLevel = (height_m: number): string => `FL${String(Math.round(height_m / FOOT_M / 100)).padStart(3, '0')}`
/** whole knots or km/h, bare */
export const speed = (mps: number): string =>
  Number.isFinite(mps) ? String(Math.round(metric() ? mps * 3.6 : mps / KNOT_MPS)) : NONE
export const speedUnit = (): string => (metric() ? 'km/h' : 'kt')

/** How a track is called: its callsign, else the end of its id. */
export function trackTitle(callsign: string | null | undefined, track_id: string | undefined): string {
  const said = callsign?.trim()
  if (said) return said.slice(0, 12)
  return track_id ? `#${track_id.slice(-5).toUpperCase()}` : '#?'
}
