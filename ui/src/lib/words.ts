import type { Answer, Identity, Incident, ObjectClass } from './contract'
import { language, say } from './language'

/** The page's words for the contract's codes. Unknown codes are shown as they are, never hidden. */

export const CLASS_WORDS: Record<ObjectClass, string> = {
  airliner: 'airliner',
  ga_aircraft: 'light aircraft',
  helicopter_civil: 'civil helicopter',
  glider_ultralight: 'glider or microlight',
  military_aircraft: 'military aircraft',
  helicopter_military: 'military helicopter',
  drone_small: 'small drone',
  drone_long_range: 'long-range drone',
  cruise_missile: 'cruise missile',
  ballistic_missile: 'ballistic missile',
  balloon: 'balloon',
  bird: 'bird',
  clutter_artefact: 'clutter or artefact',
  unknown: 'class unknown',
}
export const IDENTITY_WORDS: Record<Identity, string> = {
  pending: 'Pending',
  unknown: 'Unknown',
  assumed_friend: 'Assumed friend',
  friend: 'Friend',
  neutral: 'Neutral',
  suspect: 'Suspect',
  hostile: 'Hostile',
}
export const IDENTITY_SHORT: Record<Identity, string> = {
  pending: 'PND', unknown: 'UNK', assumed_friend: 'AFR', friend: 'FRD', neutral: 'NEU', suspect: 'SUS', hostile: 'HOS',
}
const CAUSES: Record<string, string> = {
  unexplained_crossing: 'Inside without known authority',
  predicted_crossing: 'Expected inside without known authority',
  zone_breach: 'Conditions of a zone not met',
  needs_help: 'Needs help',
  lost_inside: 'Lost inside',
}
const OUTPUTS: Record<string, string> = {
  HAND_OVER_TO_NATIONAL_AUTHORITY: 'Hand over to the national authority',
  WARN_PUBLIC: 'Warn the public',
  ASSIST: 'Assist',
  ESCORT: 'Escort',
  IDENTIFY: 'Identify',
  MONITOR: 'Monitor',
}
const NEEDS: Record<string, string> = {
  radio_failure: 'radio failure (squawk 7600)',
  radio_contact_lost: 'radio contact lost',
  emergency: 'emergency',
  unlawful_interference: 'unlawful interference',
  crew_not_responding: 'crew not responding',
}
const STATUS: Record<Incident['status'], string> = {
  predicted: 'Predicted', open: 'Open', lost: 'Lost inside', closed: 'Closed',
}
const FORCE: Record<Incident['force_question'], [string, string]> = {
  never: ['Never a question', 'No rule that applies to this object asks about force.'],
  closed: ['Closed', 'A check is missing or failed, so the question may not be put.'],
  admissible: ['Admissible', 'It may be put to the named national authority. Nothing here decides it.'],
}
const CIVIL: Record<string, string> = {
  confirmed: 'Civil: confirmed', possible: 'Civil: possible', excluded: 'Civil: excluded by a named person',
}
const CHECKS: Record<string, string> = {
  K1: 'No flight plan, strip or notice fits it',
  K2: 'Air traffic services asked, and not theirs',
  K3: 'No recent civil reply on this track',
  K4: 'No radio failure, distress or special flight open',
  K5: 'Not on an airway flown like an airliner',
  K6: 'No navigation interference that moves it',
  K7: 'Motion and size fit the class in two kinds of sensor',
  K8: 'Every sensor aligned and healthy; none alone',
  K9: 'Not an exercise, test or replay',
  K10: 'Bird, balloon, weather, artefact rejected',
  K11: 'Friendly list fresh, and no friend fits',
  K12: 'Airspace below and around is clear',
}
const ANSWERS: Record<Answer, string> = { yes: 'yes', no: 'no', unknown: 'not known' }

const plain = (code: string): string => say(code.replaceAll('_', ' '))
const told = (text: string | undefined, code: string): string => (text === undefined ? plain(code) : say(text))
export const causeWords = (code: string): string => told(CAUSES[code], code)
export const outputWords = (code: string): string => told(OUTPUTS[code], code)
export const outputEnglish = (code: string): string => OUTPUTS[code] ?? code.replaceAll('_', ' ')
export const needWords = (code: string): string => told(NEEDS[code], code)
export const statusWords = (code: Incident['status']): string => told(STATUS[code], code)
export const forceWords = (code: Incident['force_question']): [string, string] => {
  const [state, why] = FORCE[code] ?? [plain(code), '']
  return [say(state), say(why)]
}
export const civilWords = (code: string): string => told(CIVIL[code], code)
export const classWords = (code: string): string => told(CLASS_WORDS[code as ObjectClass], code)
export const identityWords = (code: string): string => told(IDENTITY_WORDS[code as Identity], code)
export const checkWords = (key: string): string => say(CHECKS[key] ?? key)
export const answerWords = (answer: Answer): string => say(ANSWERS[answer])

// For measures that come without the rule set's own words, such as those withheld.
const MEASURES: Record<string, string> = {
  M00: 'monitor and record', M01: 'correlate with plans and lists', M02: 'notify civil air traffic services',
  M03: 'hail on guard', M04: 'relay through others', M05: 'inform neighbours', M06: 'put the launch question',
  M07: 'escort or shadow', M08: 'guide away or to land', M09: 'warn the public', M10: 'ask for airspace measures',
  M11: 'open a search case', M12: 'diplomatic step', M13: 'hand over to the national authority',
  M14: 'prepare the force question', M15: 'propose consultation', M16: 'draft a communiqué', M17: 'help',
}
export const measureWords = (code: string): string => (MEASURES[code] ? `${code} ${say(MEASURES[code])}` : code)

/** Text of the measure codes: the server's, else ours, else the bare code. */
export function measureTexts(measures: string[], texts: string[] | undefined): [string, string][] {
  return measures.map((code, i) => [code, texts?.[i]?.replace(/^M\d\d[:.]?\s*/, '') || (MEASURES[code] ? say(MEASURES[code]) : code)])
}

// Alpha-3 codes to the names people use in English.
const STATES: Record<string, string> = {
  ALB: 'Albania', BEL: 'Belgium', BGR: 'Bulgaria', CAN: 'Canada', HRV: 'Croatia', CZE: 'Czechia', DNK: 'Denmark',
  EST: 'Estonia', FIN: 'Finland', FRA: 'France', DEU: 'Germany', GRC: 'Greece', HUN: 'Hungary', ISL: 'Iceland',
  ITA: 'Italy', LVA: 'Latvia', LTU: 'Lithuania', LUX: 'Luxembourg', MNE: 'Montenegro', NLD: 'Netherlands',
  MKD: 'North Macedonia', NOR: 'Norway', POL: 'Poland', PRT: 'Portugal', ROU: 'Romania', SVK: 'Slovakia',
  SVN: 'Slovenia', ESP: 'Spain', SWE: 'Sweden', TUR: 'Türkiye', GBR: 'United Kingdom', USA: 'United States',
  RUS: 'Russia', BLR: 'Belarus', UKR: 'Ukraine', MDA: 'Moldova', CHE: 'Switzerland', AUT: 'Austria', IRL: 'Ireland',
  SRB: 'Serbia', BIH: 'Bosnia and Herzegovina', XKX: 'Kosovo', CYP: 'Cyprus', MLT: 'Malta', GEO: 'Georgia',
  ARM: 'Armenia', AZE: 'Azerbaijan', SYR: 'Syria', IRQ: 'Iraq', IRN: 'Iran', LBN: 'Lebanon', ISR: 'Israel',
  EGY: 'Egypt', LBY: 'Libya', TUN: 'Tunisia', DZA: 'Algeria', MAR: 'Morocco', AND: 'Andorra', MCO: 'Monaco',
  SMR: 'San Marino', VAT: 'Vatican City', LIE: 'Liechtenstein',
}
// ISO 3166-1 alpha-2; XK is what CLDR gives Kosovo
const ALPHA_2: Record<string, string> = {
  ALB: 'AL', BEL: 'BE', BGR: 'BG', CAN: 'CA', HRV: 'HR', CZE: 'CZ', DNK: 'DK', EST: 'EE', FIN: 'FI', FRA: 'FR',
  DEU: 'DE', GRC: 'GR', HUN: 'HU', ISL: 'IS', ITA: 'IT', LVA: 'LV', LTU: 'LT', LUX: 'LU', MNE: 'ME', NLD: 'NL',
  MKD: 'MK', NOR: 'NO', POL: 'PL', PRT: 'PT', ROU: 'RO', SVK: 'SK', SVN: 'SI', ESP: 'ES', SWE: 'SE', TUR: 'TR',
  GBR: 'GB', USA: 'US', RUS: 'RU', BLR: 'BY', UKR: 'UA', MDA: 'MD', CHE: 'CH', AUT: 'AT', IRL: 'IE', SRB: 'RS',
  BIH: 'BA', XKX: 'XK', CYP: 'CY', MLT: 'MT', GEO: 'GE', ARM: 'AM', AZE: 'AZ', SYR: 'SY', IRQ: 'IQ', IRN: 'IR',
  LBN: 'LB', ISR: 'IL', EGY: 'EG', LBY: 'LY', TUN: 'TN', DZA: 'DZ', MAR: 'MA', AND: 'AD', MCO: 'MC', SMR: 'SM',
  VAT: 'VA', LIE: 'LI',
}
let regions: { code: string; names: Intl.DisplayNames } | null = null // of the language that was asked for last
function regionName(code: string, two: string): string | undefined {
  if (regions?.code !== code) regions = { code, names: new Intl.DisplayNames([code], { type: 'region' }) }
  return regions.names.of(two)
}
/** In the page's language; the browser knows the names, by two letters. */
export function stateWords(code: string | null): string {
  if (!code) return say('no state')
  const english = STATES[code]
  const two = language() === 'en' ? undefined : ALPHA_2[code]
  return (two && regionName(language(), two)) ?? english ?? code
}

/** Whether a crossing is of a state's whole airspace, not of a zone in it. */
export const isSovereign = (zone_id: string): boolean => zone_id.startsWith('sovereign:')

/** Where a crossing is: the state whose airspace it is, or the zone with its state: "EKCH-UAS (Denmark)". */
export function placeWords(crossing: { state: string | null; zone_id: string }): string {
  if (isSovereign(crossing.zone_id)) return stateWords(crossing.state)
  return crossing.state ? `${crossing.zone_id} (${stateWords(crossing.state)})` : crossing.zone_id
}

/** The time of day of an ISO time: "06:52:03Z". */
export const clock = (utc: string): string => `${utc.slice(11, 19)}Z`

/** What the tables above say: for the test that every message file has all of it. */
export const TABLED: string[] = [CLASS_WORDS, IDENTITY_WORDS, CAUSES, OUTPUTS, NEEDS, STATUS, CIVIL, CHECKS, ANSWERS, MEASURES]
  .flatMap((table) => Object.values<string>(table)).concat(Object.values(FORCE).flat())
