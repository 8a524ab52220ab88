import type * as api from './api'
import { percent } from './format'
import { say, word } from './language'

/** Saved answers of studies: how their figures are written, placed and named. */

export type Listed = api.ListedAnswer
export type Found = api.SavedAnswer['found']
export type Estimate = api.Estimate
export type Middle = api.Middle
export type Kind = Listed['kind']
export type StepName = api.StepAnswer['step']

/** The kinds of answers, in the order of the page. */
export const KINDS: Record<Kind, string> = {
  study: word('In time?'), ways: word('Ways of deciding'), edge: word('The edge'), calibration: word('Calibration'), play: word('Play-books'),
}
export const STEPS: Record<StepName, [string, string]> = {
  seen: [word('seen'), word('somebody has a track of it')],
  reported: [word('reported'), word('the control centre has the track')],
  correlated: [word('correlated'), word('air traffic services have said whether it is theirs')],
  launch_decided: [word('launch decided'), word('aircraft are ordered to go and look')],
  airborne: [word('airborne'), word('they are airborne')],
  looked_at: [word('looked at'), word('they see what it is')],
  authority: [word('authority'), word('the national authority has decided')],
  neighbours_told: [word('neighbours told'), word('neighbouring centres are told')],
  public_warned: [word('public warned'), word('the public is warned')],
  airspace_closed: [word('airspace closed'), word('civil airspace is closed')],
  capital: [word('capital'), word('the capital has turned to its allies')],
  council_meets: [word('council meets'), word('the council meets')],
  council: [word('council decided'), word('the council has decided')],
}
const CHANGES: Record<string, string> = {
  delegation: word('the watch may send aircraft to look, agreed beforehand by all'),
  commander: word('a commander decides, and is asked at once'),
  raised: word('crews sit ready in their aircraft'),
  patrol: word('a patrol is already up'),
  radar: word('one more radar stands where it came in'),
  neighbour: word('the neighbour always passes the track on'),
  silence: word('silence of 2 h instead'),
}
export const POSTURES: Record<string, [string, string]> = {
  alert: [word('alert'), word('aircraft on alert at the nearest airfields of any member')],
  alone: [word('alone'), word('the state’s own airfields only')],
  raised: [word('raised'), word('as alert, with crews in their seats')],
  delegation: [word('delegation'), word('as alert, and the watch may send them without asking')],
  patrol: [word('patrol'), word('as alert, and a patrol is up 60 km behind the edge')],
}
const WAYS: Record<string, string> = {
  'shield or delegation agreed beforehand': word('shield or delegation agreed beforehand'),
  'national authority': word('national authority'),
  'coalition of the willing': word('coalition of the willing'),
  'unanimity, everybody speaks': word('unanimity, everybody speaks'),
  'shield or delegation agreed ad hoc': word('shield or delegation agreed ad hoc'),
  'unanimity less one': word('unanimity less one'),
  'qualified majority of the Union': word('qualified majority of the Union'),
  'reinforced qualified majority': word('reinforced qualified majority'),
  'unanimity of the Union': word('unanimity of the Union'),
}
const INTRUDERS: Record<string, string> = {
  jet: word('a jet that clips the edge and leaves'),
  drone: word('a slow low drone that goes deep and falls'),
  balloon: word('a balloon that drifts in with the wind'),
}
export const CAVEAT = word('Nothing here says what happens to the intruder: the model ends with people who know, who look and who decide. An interval is what chance alone does in so many worlds; what is assumed is not in it.')

export const stepWords = (name: string): string => say(STEPS[name as StepName]?.[0] ?? name)
/** A change in the page's words; one that the page does not know as the file says it. */
export function changeWords(one: api.ChangeAnswer): string {
  const missing = /^without ([A-Z, ]+): /.exec(one.text)
  if (missing) return say('without {states}: neither its aircraft nor its voice', { states: missing[1]! })
  return CHANGES[one.change] ? say(CHANGES[one.change]!) : one.text
}
export function wayWords(name: string): string {
  const hours = /^silence of ([\d.]+) h$/.exec(name)
  return hours ? say('silence of {hours} h', { hours: hours[1]! }) : say(WAYS[name] ?? name)
}
export const intruderWords = (one: { id?: string; of?: string; text?: string; title?: string }): string =>
  INTRUDERS[one.id ?? one.of ?? ''] ? say(INTRUDERS[one.id ?? one.of ?? '']!) : (one.text ?? one.title ?? '')

const UNITS: [number, string][] = [[86_400, word('d')], [3_600, 'h'], [60, 'min'], [1, 's']]
/** A time as people say it: 39 s, −8.0 min, 25 h, never */
export function duration(seconds: number | null): string {
  if (seconds === null) return say('never')
  const size = Math.abs(seconds)
  const [unit, name] = UNITS.find(([unit_s]) => size >= 2 * unit_s || unit_s === 1)!
  const number = size / unit
  return `${seconds < 0 ? '−' : ''}${unit === 1 || number >= 20 ? number.toFixed(0) : number.toFixed(1)} ${say(name)}`
}
/** A median with where nine in ten lie */
export function middle(m: Middle): string {
  const said = [m.low, m.median, m.high].map(duration)
  return said[0] === said[1] && said[1] === said[2] ? said[1]! : `${said[1]} [${said[0]} … ${said[2]}]`
}
const minus = (text: string): string => text.replace('-', '−')
export const shareWords = (e: Estimate): string => percent(e.value, 1)
export const intervalWords = (e: Estimate): string => `[${(100 * e.low).toFixed(1)}, ${(100 * e.high).toFixed(1)}]`
/** A difference of shares, in points */
export const pointsWords = (e: Estimate): string => `${e.value > 0 ? '+' : ''}${minus((100 * e.value).toFixed(1))}`
export const pointsInterval = (e: Estimate): string => minus(`[${(100 * e.low).toFixed(1)}, `) + minus(`${(100 * e.high).toFixed(1)}]`)
export const numberWords = (e: Estimate, digits = 2): string => minus(e.value.toFixed(digits))
export const numberInterval = (e: Estimate, digits = 2): string => `[${minus(e.low.toFixed(digits))}, ${minus(e.high.toFixed(digits))}]`
/** Whether a gain is more than chance: up, down, or neither */
export const sign = (e: Estimate): '▲' | '▼' | '·' => (e.low > 0 ? '▲' : e.high < 0 ? '▼' : '·')

/** Limits of the bands of a share on the map; each has a colour of its own, and every mark is filled as far as its share. */
export const BANDS = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.01] as const
export const band = (share: number): number => BANDS.findIndex((limit) => share < limit)
export function bandWords(k: number): string {
  return `${Math.round(100 * (k ? BANDS[k - 1]! : 0))}–${Math.min(100, Math.round(100 * BANDS[k]!))} %`
}
/** The sector of a disc that a share takes, from the top clockwise, as the data of an SVG path */
export function sector(share: number, r: number): string {
  if (share >= 0.999) return `M0,${-r}A${r},${r} 0 1 1 0,${r}A${r},${r} 0 1 1 0,${-r}Z`
  if (share <= 0.001) return ''
  const a = 2 * Math.PI * share
  return `M0,0V${-r}A${r},${r} 0 ${share > 0.5 ? 1 : 0} 1 ${(r * Math.sin(a)).toFixed(2)},${(-r * Math.cos(a)).toFixed(2)}Z`
}

const TICKS: [number, string][] = [[0, ''], [10, '10 s'], [60, '1 min'], [600, '10 min'], [3600, '1 h'], [21_600, '6 h'], [86_400, '1 d'], [604_800, '7 d'], [2_592_000, '30 d']]
/** Times on a line that is straight near zero and logarithmic far from it, on both sides; places are shares of its width. */
export class TimeAxis {
  private readonly low: number
  private readonly high: number
  constructor(middles: Middle[]) {
    const known = middles.flatMap((m) => [m.low, m.median, m.high]).filter((x): x is number => x !== null)
    this.low = Math.min(...known, -30) * 1.15
    this.high = Math.max(...known, 60) * 1.15
  }
  /** Never is at the end. */
  at(seconds: number | null): number {
    if (seconds === null || seconds > this.high) return 1
    const bent = (s: number): number => Math.asinh(s / 20)
    return (bent(Math.max(seconds, this.low)) - bent(this.low)) / (bent(this.high) - bent(this.low))
  }
  ticks(): { at: number; words: string }[] {
    const all: [number, string][] = [...TICKS.slice(1).reverse().map(([s, t]): [number, string] => [-s, `−${t}`]), ...TICKS]
    const out: { at: number; words: string }[] = []
    for (const [s, words] of all.sort((a, b) => Math.abs(a[0]) - Math.abs(b[0]))) {
      if (s < this.low || s > this.high) continue
      const at = this.at(s)
      if (out.every((other) => Math.abs(other.at - at) > 0.13)) out.push({ at, words: words.replace(/ d$/, ` ${say('d')}`) })
    }
    return out.sort((a, b) => a.at - b.at)
  }
}

/** What a page's address says of what is shown, so that it can be sent to somebody */
export type Chosen = { kind: Kind; file: string; choice: Record<string, string> }
export function readChosen(hash: string): Partial<Chosen> {
  const said = new URLSearchParams(hash.replace(/^#/, ''))
  const kind = said.get('kind')
  const choice = Object.fromEntries([...said].filter(([key]) => key !== 'kind' && key !== 'file'))
  return { kind: kind !== null && Object.hasOwn(KINDS, kind) ? (kind as Kind) : undefined, file: said.get('file') ?? undefined, choice }
}
export const writeChosen = (c: Chosen): string => `#${new URLSearchParams({ kind: c.kind, file: c.file, ...c.choice })}`
