import { readFilters, type Filters } from './filters'
import { say } from './language'
import { readLayers, type Layers } from './layers'

/** Views that a person saved: where the map looks, what it shows. They are kept in this browser, and travel as text. */

export interface SavedView {
  name: string
  longitude_deg: number
  latitude_deg: number
  zoom: number
  layers: Layers
  filters: Filters
}
export const MOST_VIEWS = 9 // one for each key
const KEY = 'vedette.views'
const FORMAT = 'vedette-views/1'

function readView(kept: unknown): SavedView | null {
  const said = (typeof kept === 'object' && kept !== null ? kept : {}) as Record<string, unknown>
  const { name, longitude_deg, latitude_deg, zoom } = said
  if (typeof name !== 'string' || !name.trim()) return null
  if (typeof longitude_deg !== 'number' || typeof latitude_deg !== 'number' || typeof zoom !== 'number') return null
  if (!(Math.abs(longitude_deg) <= 180) || !(Math.abs(latitude_deg) <= 90) || !(zoom >= 0 && zoom <= 22)) return null
  return { name: name.trim().slice(0, 60), longitude_deg, latitude_deg, zoom, layers: readLayers(said.layers), filters: readFilters(said.filters) }
}

/** Views of a text; throws an Error in words where it holds none. */
export function readViews(text: string): SavedView[] {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    throw new Error(say('This is no text of saved views: it is not JSON.'))
  }
  const { format, views } = (said ?? {}) as { format?: unknown; views?: unknown }
  if (format !== FORMAT || !Array.isArray(views)) throw new Error(say('This is no text of saved views: it does not begin with "format": "{format}".', { format: FORMAT }))
  const found = views.map(readView)
  const bad = found.indexOf(null)
  if (bad >= 0) throw new Error(say('View {number} has no name, or no place on the map.', { number: bad + 1 }))
  if (found.length > MOST_VIEWS) throw new Error(say('There are {n} views in it; there is room for {m}.', { n: found.length, m: MOST_VIEWS }))
  return found as SavedView[]
}
export const writeViews = (views: readonly SavedView[]): string => JSON.stringify({ format: FORMAT, views }, null, 1)

export function keptViews(): SavedView[] {
  try {
    return readViews(localStorage.getItem(KEY) ?? '')
  } catch {
    return []
  }
}
export const keepViews = (views: readonly SavedView[]): void => localStorage.setItem(KEY, writeViews(views))
