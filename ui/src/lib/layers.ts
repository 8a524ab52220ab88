import { word } from './language'

/** What the map shows: layers that a person switches on and off, kept in this browser. */

export const LAYERS = {
  member: { group: 'Airspace', words: word('Airspace of members'), on: true },
  neighbour: { group: 'Airspace', words: word('Airspace of others'), on: true },
  disputed: { group: 'Airspace', words: word('Disputed areas'), on: true },
  zone: { group: 'Airspace', words: word('Other zones'), on: true },
  names: { group: 'Map', words: word('Names of places'), on: true },
  airports: { group: 'Map', words: word('Airports'), on: true },
  vectors: { group: 'Tracks', words: word('Vectors of one minute'), on: true },
  labels: { group: 'Tracks', words: word('Labels'), on: true },
  trails: { group: 'Tracks', words: word('Trail of the selected track'), on: true },
  all_trails: { group: 'Tracks', words: word('Trails of all tracks'), on: false },
  ellipses: { group: 'Tracks', words: word('95 % ellipse of the selected track'), on: true },
  all_ellipses: { group: 'Tracks', words: word('95 % ellipses of all tracks'), on: false },
  sensors: { group: 'Sensors', words: word('Sites of sensors'), on: true },
  coverage: { group: 'Sensors', words: word('Coverage of sensors'), on: false },
  interference: { group: 'Sensors', words: word('Disturbed satellite navigation'), on: true },
  rings: { group: 'Tools', words: word('Range rings'), on: true },
} as const
export type LayerName = keyof typeof LAYERS
export type Layers = Record<LayerName, boolean>

const names = Object.keys(LAYERS) as LayerName[]
export const LAYER_GROUPS = [word('Airspace'), word('Map'), word('Tracks'), word('Sensors'), word('Tools')]
export const layersOf = (group: string): LayerName[] => names.filter((name) => LAYERS[name].group === group)

/** As a page begins: `on` of each, and whatever of `kept` is a layer of ours. */
export function readLayers(kept: unknown): Layers {
  const said = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<Record<string, unknown>>
  return Object.fromEntries(names.map((name) => [name, typeof said[name] === 'boolean' ? said[name] : LAYERS[name].on])) as Layers
}
