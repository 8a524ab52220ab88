import { toPoint } from 'mgrs'
import type { Place } from './geodesic'

/** Coordinates as people write them: decimal degrees, degrees and minutes, with seconds, ICAO's digits, MGRS. */

const MGRS = /^\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z]{2}(\d{2}|\d{4}|\d{6}|\d{8}|\d{10})$/
const PACKED = /^(\d{4}|\d{6})([NS])(\d{5}|\d{7})([EW])$/ // 5928N02445E, 592824N0244500E: ICAO Annex 15

/** Degrees of groups of one, two or three numbers; null where minutes or seconds are out of range. */
function degrees(parts: number[], sign: number): number | null {
  const [whole, minutes = 0, seconds = 0] = parts
  if (parts.length < 1 || parts.length > 3 || minutes >= 60 || seconds >= 60) return null
  if (parts.length > 1 && !Number.isInteger(whole)) return null
  if (parts.length > 2 && !Number.isInteger(minutes)) return null
  return sign * (Math.abs(whole) + minutes / 60 + seconds / 3600)
}

function checked(latitude_deg: number | null, longitude_deg: number | null): Place | null {
  if (latitude_deg === null || longitude_deg === null) return null
  return Math.abs(latitude_deg) <= 90 && Math.abs(longitude_deg) <= 180 ? { latitude_deg, longitude_deg } : null
}

const digits = (text: string, whole: number): number[] => [Number(text.slice(0, whole)), ...(text.slice(whole).match(/\d\d/g) ?? []).map(Number)]

/** The place that a text names by its coordinates, latitude first; null where it does not. */
export function readPlace(text: string): Place | null {
  const tight = text.toUpperCase().replace(/\s+/g, '')
  if (MGRS.test(tight)) {
    try {
      const [longitude_deg, latitude_deg] = toPoint(tight)
      return checked(latitude_deg, longitude_deg)
    } catch {
      return null // a square that the grid does not have
    }
  }
  const packed = PACKED.exec(tight)
  if (packed)
    return checked(degrees(digits(packed[1], 2), packed[2] === 'S' ? -1 : 1), degrees(digits(packed[3], 3), packed[4] === 'W' ? -1 : 1))
  const plain = text.toUpperCase().replaceAll('−', '-')
  if (!/^[\d\s.,;:°º'′’"″”NSEW+-]+$/.test(plain)) return null
  const letters = plain.match(/[NSEW]/g) ?? []
  if (letters.length === 2) {
    if (!/[NS]/.test(letters[0]) || !/[EW]/.test(letters[1])) return null
    const before = /^\s*[NS]/.test(plain) // the letter stands before its figures, or after them
    const cut = before ? plain.search(/[EW]/) : plain.search(/[NS]/) + 1
    const [first, second] = [plain.slice(0, cut), plain.slice(cut)]
    const numbers = (part: string): number[] => (part.match(/\d+(\.\d+)?/g) ?? []).map(Number)
    return checked(degrees(numbers(first), letters[0] === 'S' ? -1 : 1), degrees(numbers(second), letters[1] === 'W' ? -1 : 1))
  }
  if (letters.length) return null
  const numbers = plain.match(/[+-]?\d+(\.\d+)?/g) ?? []
  return numbers.length === 2 ? checked(Number(numbers[0]), Number(numbers[1])) : null
}
