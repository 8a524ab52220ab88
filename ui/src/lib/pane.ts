import { word } from './language'

/** The parts of the page, of which a phone shows one at a time. */
export const PANES = { incidents: word('Incidents'), map: word('Map'), tracks: word('Tracks') }
export type Pane = keyof typeof PANES
