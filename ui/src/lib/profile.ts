import type { ProfilePoint, ProfileZone, TrackProfile } from './contract'
import { FOOT_M, distanceUnit, flightLevel, height, level, metric, roundDistance, zulu } from './format'

/** Where everything of a height profile is drawn: a cut through the airspace, to scale in both directions. */

export type Axis = 'distance' | 'time'
export interface Frame { width: number; height: number; left: number; right: number; top: number; bottom: number }
export interface Box { zone: ProfileZone; x: number; width: number; top: number; bottom: number; whiskers: { y: number; half: number }[] }
export interface Ribbon { zone: ProfileZone; x: number; width: number }
export interface Cut {
  past: string // paths of SVG
  ahead: string
  band: string // 95 % of the heights ahead
  ground: string
  now: { x: number; y: number | null }
  boxes: Box[] // zones with a floor or a ceiling
  ribbons: Ribbon[] // the others: whose sky it is
  heights: { y: number; text: string }[]
  marks: { x: number; text: string }[]
}

const LEAST_M = 1500 // shown of the air, however low the track is
const round = (n: number): string => n.toFixed(1)

/** The height at the upper edge: above the track and its future, and above ceilings near to it. */
export function topOf({ profile }: TrackProfile): number {
  const heights = profile.points.flatMap((p) => (p.high_m === null ? [] : [p.high_m]))
  const highest = Math.max(LEAST_M, ...heights)
  const limits = profile.zones.flatMap((z) => z.pieces.flatMap((p) => [p.floor_m, p.ceiling_m])).filter((m): m is number => m !== null && m < 1.6 * highest + 1500)
  return Math.max(highest * 1.12, ...limits.map((m) => m * 1.06))
}

/** Steps of a scale, about `wanted` of them, of 1, 2 or 5 with zeros. */
export function steps(from: number, to: number, wanted: number): number[] {
  const rough = (to - from) / Math.max(1, wanted)
  if (!(rough > 0)) return []
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? 10 * power
  const all: number[] = []
  for (let k = Math.ceil(from / step); k * step <= to; k++) all.push(k * step)
  return all
}

/** The time at which the track is somewhere on its way. */
function timeAt(points: readonly ProfilePoint[], along_m: number): number {
  const after = points.findIndex((p) => p.along_m >= along_m)
  if (after <= 0) return points[Math.max(after, 0)]?.ms ?? NaN
  const [a, b] = [points[after - 1], points[after]]
  return b.along_m === a.along_m ? b.ms : a.ms + ((b.ms - a.ms) * (along_m - a.along_m)) / (b.along_m - a.along_m)
}

export function cut(found: TrackProfile, frame: Frame, axis: Axis): Cut {
  const { points, zones, ground_m } = found.profile
  const [wide, high] = [frame.width - frame.left - frame.right, frame.height - frame.top - frame.bottom]
  const at = (p: ProfilePoint): number => (axis === 'distance' ? p.along_m : p.ms)
  const [begin, end] = [at(points[0]), at(points[points.length - 1])]
  const x = (value: number): number => frame.left + (end > begin ? ((value - begin) / (end - begin)) * wide : 0)
  const along = (m: number): number => x(axis === 'distance' ? m : timeAt(points, m))
  const top_m = topOf(found)
  const y = (m: number): number => frame.top + high * (1 - m / top_m)
  const inside = (m: number): number => Math.max(frame.top, Math.min(frame.top + high, y(m)))
  const line = (some: readonly ProfilePoint[], height: (p: ProfilePoint) => number | null): string => {
    let path = ''
    let pen = 'M'
    for (const p of some) {
      const m = height(p)
      if (m === null) { pen = 'M'; continue } // unknown heights leave a gap
      path += `${pen}${round(x(at(p)))} ${round(inside(m))}`
      pen = 'L'
    }
    return path
  }
  const before = points.filter((p) => !p.predicted)
  const present = before[before.length - 1] ?? points[0]
  const future = [present, ...points.filter((p) => p.predicted)]
  const known = future.filter((p) => p.low_m !== null && p.high_m !== null)
  const band = known.length > 1
    ? `${line(known, (p) => p.high_m)}${line([...known].reverse(), (p) => p.low_m).replace('M', 'L')}Z`
    : ''
  const ground = ground_m && ground_m.some((m) => m !== null)
    ? `M${round(frame.left)} ${round(y(0))}${points.map((p, i) => `L${round(x(at(p)))} ${round(inside(ground_m[i] ?? 0))}`).join('')}L${round(x(end))} ${round(y(0))}Z`
    : ''
  const boxes: Box[] = []
  const ribbons: Ribbon[] = []
  for (const zone of zones)
    for (const piece of zone.pieces) {
      const [from, to] = [along(piece.from_m), along(piece.to_m)]
      const width = Math.max(2, to - from)
      if (piece.floor_m === null && piece.ceiling_m === null) { ribbons.push({ zone, x: from, width }); continue }
      if (piece.floor_m !== null && piece.floor_m >= top_m) continue // above what is shown
      boxes.push({
        zone, x: from, width,
        top: piece.ceiling_m === null ? frame.top : inside(piece.ceiling_m),
        bottom: piece.floor_m === null ? frame.top + high : inside(piece.floor_m),
        whiskers: ([[piece.floor_m, piece.floor_sigma_m], [piece.ceiling_m, piece.ceiling_sigma_m]] as const)
          .filter(([m, sigma]) => m !== null && m < top_m && sigma > 0)
          .map(([m, sigma]) => ({ y: y(m ?? 0), half: Math.min(high, (2 * sigma * high) / top_m) })),
      })
    }
  return {
    past: line(before, (p) => p.height_m), ahead: line(future, (p) => p.height_m), band, ground,
    now: { x: x(at(present)), y: present.height_m === null ? null : inside(present.height_m) },
    boxes, ribbons,
    heights: heightMarks(found, top_m).map(([m, text]) => ({ y: y(m), text })),
    marks: wayMarks(points, present, axis).map(([value, text]) => ({ x: x(value), text })),
  }
}

/** Heights that are written at the side, in the units that a person chose. */
function heightMarks({ profile }: TrackProfile, top_m: number): [number, string][] {
  if (metric()) return steps(0, top_m, 5).map((m) => [m, level(m)])
  return steps(0, top_m / FOOT_M, 5).map((feet) =>
    [feet * FOOT_M, profile.scale === 'pressure' ? flightLevel(feet * FOOT_M) : height(feet * FOOT_M)])
}

function wayMarks(points: readonly ProfilePoint[], now: ProfilePoint, axis: Axis): [number, string][] {
  const [first, last] = [points[0], points[points.length - 1]]
  if (axis === 'time') return steps(first.ms / 60_000, last.ms / 60_000, 8).map((minute) => [minute * 60_000, `${zulu(minute * 60_000).slice(0, 5)}Z`])
  const [unit] = distanceUnit()
  return steps((first.along_m - now.along_m) / unit, (last.along_m - now.along_m) / unit, 8)
    .filter((n) => n !== 0)
    .map((n) => [n * unit + now.along_m, `${n > 0 ? '+' : '−'}${roundDistance(Math.abs(n) * unit)}`])
}
