import type { Theme } from './theme'

/** What the map draws with; the page's own colours are in app.css. */
export interface Inks {
  sea: string
  land: string
  coast: string
  border: string
  country: string
  city: string
  halo: string
  member: string
  memberFill: string
  neighbour: string
  neighbourFill: string
  disputed: string
  zone: string
  text: string
  textDim: string
  leader: string
  incident: string
  chosen: string
  uncertainty: string
  sensor: string
  coverage: string
  trouble: string // of a sensor: with a shape and a word beside it
  ring: string
  measure: string
}

export const INKS: Record<Theme, Inks> = {
  dark: {
    sea: '#0a131c', land: '#14202b', coast: '#31475b', border: '#3a4f63', country: '#7d93a8', city: '#90a4b7',
    halo: '#0a131c', member: '#4d94c9', memberFill: 'rgba(77,148,201,0.10)', neighbour: '#8d84a3',
    neighbourFill: 'rgba(141,132,163,0.07)', disputed: '#b59a6a', zone: '#c9975a', text: '#eef4f9', textDim: '#aebfce',
    leader: '#8ea4b8', incident: '#ffb454', chosen: '#ffffff', uncertainty: 'rgba(255,255,255,0.55)',
    sensor: '#8fd0c3', coverage: '#5fb8a8', trouble: '#ffb454', ring: '#9fb4c6', measure: '#ffffff',
  },
  light: {
    sea: '#d3e0e9', land: '#f7f5f0', coast: '#93a7b6', border: '#a9a49a', country: '#5d6b78', city: '#4d5b68',
    halo: '#ffffff', member: '#1d6fae', memberFill: 'rgba(29,111,174,0.06)', neighbour: '#7c7194',
    neighbourFill: 'rgba(124,113,148,0.07)', disputed: '#8a6d2f', zone: '#9a5a10', text: '#0f1b26', textDim: '#33434f',
    leader: '#5b6b78', incident: '#c46a00', chosen: '#0f1b26', uncertainty: 'rgba(15,27,38,0.55)',
    sensor: '#0b5f56', coverage: '#0f7d70', trouble: '#a34700', ring: '#4d5f6e', measure: '#0f1b26',
  },
  // one hue of long waves: the eyes stay adapted to the dark; shape and lightness tell what colour tells elsewhere
  night: {
    sea: '#050000', land: '#120404', coast: '#3f1310', border: '#4c1814', country: '#9c4138', city: '#a8483e',
    halo: '#050000', member: '#b34438', memberFill: 'rgba(179,68,56,0.08)', neighbour: '#6e2b25',
    neighbourFill: 'rgba(110,43,37,0.08)', disputed: '#8f3a31', zone: '#8f3a31', text: '#ff8374', textDim: '#c9594c',
    leader: '#8a3a31', incident: '#ff9a8c', chosen: '#ffc4ba', uncertainty: 'rgba(255,131,116,0.5)',
    sensor: '#c9594c', coverage: '#8f3a31', trouble: '#ffc4ba', ring: '#a8483e', measure: '#ffc4ba',
  },
}
