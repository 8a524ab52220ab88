import type { Air } from './air'
import { CLASSES, IDENTITIES, STATUSES, type Identity, type ObjectClass } from './contract'
import { word } from './language'

/** Which tracks the map draws. A filter names what it hides, so that what is new is seen. */

export const GROUPS = {
  airliners: { words: word('Airliners'), classes: ['airliner'] },
  light: { words: word('Light aircraft, gliders, civil helicopters'), classes: ['ga_aircraft', 'helicopter_civil', 'glider_ultralight'] },
  military: { words: word('Military aircraft'), classes: ['military_aircraft', 'helicopter_military'] },
  drones: { words: word('Drones'), classes: ['drone_small', 'drone_long_range'] },
  missiles: { words: word('Missiles'), classes: ['cruise_missile', 'ballistic_missile'] },
  other: { words: word('Balloons, birds, artefacts'), classes: ['balloon', 'bird', 'clutter_artefact'] },
  unknown: { words: word('Class unknown'), classes: ['unknown'] },
} as const satisfies Record<string, { words: string; classes: readonly ObjectClass[] }>
export type Group = keyof typeof GROUPS
export type Status = (typeof STATUSES)[number]

export interface Filters {
  identities: Identity[] // hidden, as are groups and statuses
  groups: Group[]
  statuses: Status[]
  low_m: number | null // below it nothing is drawn, save what has no height
  high_m: number | null
  source: 'all' | 'own' | 'foreign' // who saw it: our sensors, or others who tell us of their tracks
  incidents: boolean // only what is in an incident
}
export const NO_FILTERS: Filters = { identities: [], groups: [], statuses: [], low_m: null, high_m: null, source: 'all', incidents: false }

export const isFiltering = (f: Filters): boolean =>
  f.identities.length + f.groups.length + f.statuses.length > 0 || f.low_m !== null || f.high_m !== null || f.source !== 'all' || f.incidents

/** What was kept or imported; whatever of it is not one of ours hides nothing. */
export function readFilters(kept: unknown): Filters {
  const said = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<Record<keyof Filters, unknown>>
  const some = <T extends string>(value: unknown, known: readonly T[]): T[] =>
    Array.isArray(value) ? known.filter((one) => value.includes(one)) : []
  const height = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)
  return {
    identities: some(said.identities, IDENTITIES),
    groups: some(said.groups, Object.keys(GROUPS) as Group[]),
    statuses: some(said.statuses, STATUSES),
    low_m: height(said.low_m),
    high_m: height(said.high_m),
    source: said.source === 'own' || said.source === 'foreign' ? said.source : 'all',
    incidents: said.incidents === true,
  }
}

const GROUP_OF = CLASSES.map((name) => (Object.keys(GROUPS) as Group[]).find((group) => (GROUPS[group].classes as readonly string[]).includes(name)))

export interface Shown { rows: Uint8Array; count: number }

/**
 * Which rows of the picture are drawn; null where no filter hides anything.
 *
 * `open` are slots of open incidents and `selected` the chosen track: they are drawn whatever the filter says.
 */
export function shownRows(filters: Filters, air: Air, open: ReadonlySet<number>, inIncident: ReadonlySet<number>, selected: number): Shown | null {
  const { picture } = air
  if (!picture || !isFiltering(filters)) return null
  const identities = IDENTITIES.map((name) => !filters.identities.includes(name))
  const classes = GROUP_OF.map((group) => group === undefined || !filters.groups.includes(group))
  const statuses = STATUSES.map((name) => !filters.statuses.includes(name))
  const rows = new Uint8Array(picture.n)
  let count = 0
  for (let i = 0; i < picture.n; i++) {
    const slot = picture.slot[i]
    const height = picture.height_m[i]
    const passes = (identities[picture.identity[i]] ?? true) && (classes[picture.object_class[i]] ?? true) && (statuses[picture.status[i]] ?? true)
      && !(filters.low_m !== null && height < filters.low_m) && !(filters.high_m !== null && height > filters.high_m) // false for NaN: unknown stays
      && (filters.source === 'all' || (filters.source === 'foreign') === (air.names.get(slot)?.foreign === true))
      && (!filters.incidents || inIncident.has(slot))
    if (passes || open.has(slot) || slot === selected) {
      rows[i] = 1
      count++
    }
  }
  return { rows, count }
}
