/** The parts of the page, of which a phone shows one at a time. */
export const PANES = { incidents: 'Incidents', map: 'Map', tracks: 'Tracks' } as const
export type Pane = keyof typeof PANES
