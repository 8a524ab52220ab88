import { forward } from 'mgrs'
import type { Bounds, SensorBias } from './contract'
import { say, word } from './language'
import { figure, FOOT_M, flightLevel, metric, NONE, shownSo, type Shown } from './units'

export { flightLevel, FOOT_M, level, metric, NONE, show, speed, speedUnit, trackTitle, TRANSITION_FT, type Shown } from './units'

/** How figures are written. Feet, knots and miles exist only here: the wire is SI. */

const two = (n: number): string => String(n).padStart(2, '0')
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

/** 07:58:12Z */
export function zulu(ms: number): string {
  if (!Number.isFinite(ms)) return NONE
  const d = new Date(ms)
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}Z`
}
/** 19 SEP 2025 */
export function date(ms: number): string {
  if (!Number.isFinite(ms)) return NONE
  const d = new Date(ms)
  return `${two(d.getUTCDate())} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`
}
export const time = (utc: string | null | undefined): number => (utc ? Date.parse(utc) : NaN)

/** What a radar is wrong by, each figure with two standard deviations */
export function bias(b: SensorBias): [string, string, string] {
  const one = (value: number, sigma: number, digits: number, unit: string): string =>
    `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)} ± ${(2 * sigma).toFixed(digits)} ${unit}`
  const degrees = 180 / Math.PI
  return [
    one(b.range_m, b.range_sigma_m, 0, 'm'),
    one(b.azimuth_rad * degrees, b.azimuth_sigma_rad * degrees, 3, '°').replace(' °', '°'),
    one(b.time_s, b.time_sigma_s, 2, 's'),
  ]
}

/** 42 s, 12 min 03 s, 2 h 05 min */
export function span(seconds: number): string {
  if (!Number.isFinite(seconds)) return NONE
  const s = Math.round(Math.abs(seconds))
  if (s < 100) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`
  return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`
}

const round = (value: number): string => {
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2
  return value.toFixed(digits)
}
/** "720 s" and "708 to 733 s" */
export function secondsInterval(b: Bounds): [string, string] {
  return [`${Math.round(b.estimate)} s`, say('{low} to {high} s', { low: Math.round(b.low), high: Math.round(b.high) })]
}
/** "9.10 km" and "8.42 to 9.81 km"; below a kilometre in metres */
export function depthInterval(b: Bounds): [string, string] {
  if (Math.abs(b.high) < 1000)
    return [`${Math.round(b.estimate)} m`, say('{low} to {high} m', { low: Math.round(b.low), high: Math.round(b.high) })]
  return [`${round(b.estimate / 1000)} km`, say('{low} to {high} km', { low: round(b.low / 1000), high: round(b.high / 1000) })]
}

/** How figures of motion and place are shown; the wire stays SI. */
export const UNITS = { aviation: word('Feet, knots'), metric: word('Metres, km/h') } as const satisfies Record<Shown['units'], string>
export const COORDINATES = { dm: '59°28.4′N', dms: '59°28′24″N', decimal: '59.4733', mgrs: 'MGRS' } as const satisfies Record<Shown['coordinates'], string>

/** 1 500 ft or 457 m of a height that is no pressure altitude */
export const height = (height_m: number): string => (metric() ? `${count(Math.round(height_m))} m` : `${count(Math.round(height_m / FOOT_M))} ft`)
/** Metres in what distances are told in, a nautical mile or a kilometre, and what it is called */
export const distanceUnit = (): [metres: number, name: string] => (metric() ? [1000, 'km'] : [1852, 'NM'])
/** 7.25 NM, 41.3 NM, 120 NM; or kilometres */
export function distance(m: number): string {
  const [unit, name] = distanceUnit()
  return Number.isFinite(m) ? `${round(m / unit)} ${name}` : NONE
}
/** 20 NM, not 20.0 NM: of what is drawn or marked at a round distance */
export const roundDistance = (m: number): string => distance(m).replace(/\.0+(?= )/, '')
/** 037°, clockwise from true north */
export function bearing(degrees: number): string {
  if (!Number.isFinite(degrees)) return NONE
  return `${String(((Math.round(degrees) % 360) + 360) % 360).padStart(3, '0')}°`
}
/** 59°28.4′N 026°12.0′E, or as asked for; minutes and seconds never read 60 */
export function place(latitude_deg: number, longitude_deg: number): string {
  if (!Number.isFinite(latitude_deg) || !Number.isFinite(longitude_deg)) return NONE
  if (shownSo().coordinates === 'decimal') return `${latitude_deg.toFixed(4)} ${longitude_deg.toFixed(4)}`
  // MGRS does not reach the poles; there the degrees are shown
  if (shownSo().coordinates === 'mgrs' && latitude_deg >= -80 && latitude_deg <= 84)
    return forward([((((longitude_deg + 180) % 360) + 360) % 360) - 180, latitude_deg], 4).replace(/^(\d+[A-Z])([A-Z]{2})(\d{4})(\d{4})$/, '$1 $2 $3 $4')
  if (shownSo().coordinates === 'dms') {
    const part = (value: number, width: number, plus: string, minus: string): string => {
      const seconds = Math.round(Math.abs(value) * 3600)
      return `${String(Math.floor(seconds / 3600)).padStart(width, '0')}°${two(Math.floor((seconds % 3600) / 60))}′${two(seconds % 60)}″${value < 0 ? minus : plus}`
    }
    return `${part(latitude_deg, 2, 'N', 'S')} ${part(longitude_deg, 3, 'E', 'W')}`
  }
  const part = (value: number, width: number, plus: string, minus: string): string => {
    const tenths = Math.round(Math.abs(value) * 600)
    const minutes = (tenths % 600) / 10
    return `${String(Math.floor(tenths / 600)).padStart(width, '0')}°${minutes.toFixed(1).padStart(4, '0')}′${value < 0 ? minus : plus}`
  }
  return `${part(latitude_deg, 2, 'N', 'S')} ${part(longitude_deg, 3, 'E', 'W')}`
}
/** A probability or share in percent; only 0 and 1 themselves are told as 0 % and 100 % (`model/probability.py` writes the same). */
export function percent(p: number | null, digits = 0): string {
  if (p === null || !Number.isFinite(p)) return NONE
  const least = 10 ** -(2 + digits)
  if (p > 1 - least && p < 1) return `> ${(100 * (1 - least)).toFixed(digits)} %`
  if (p > 0 && p < least) return `< ${(100 * least).toFixed(digits)} %`
  return `${(Math.floor(100 * 10 ** digits * p + 0.5) / 10 ** digits).toFixed(digits)} %`
}
/** How sure a class is: of one that is left open, where none reaches one half, nothing (`class_share` of `model/probability.py`). */
export const classShare = (name: string, p: number | null, digits = 0): string =>
  name === 'unknown' && p !== null && p < 0.5 ? '' : percent(p, digits)
export const count = figure
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let i = 0
  while (n >= 1000 && i < units.length - 1) { n /= 1000; i++ }
  return i ? `${n.toFixed(n < 10 ? 1 : 0)} ${units[i]}` : `${n} B`
}

/** A decision clock: seconds left until a deadline, as words; negative when it has passed. */
export function clock(left_s: number): string {
  if (!Number.isFinite(left_s)) return NONE
  return left_s >= 0 ? say('{span} left', { span: span(left_s) }) : say('passed {span} ago', { span: span(left_s) })
}
