/** Which key does what. Single keys can be switched off (WCAG 2.1.4); Escape always works. */

import { word } from './language'

export const KEYS = [
  ['/', 'search', word('Search tracks')],
  ['j', 'next', word('Next incident')],
  ['k', 'previous', word('Previous incident')],
  ['g', 'go', word('Go to the selected object')],
  ['G', 'goto', word('Go to a place, track, incident, zone')],
  ['f', 'follow', word('Follow the selected track, or stop')],
  ['h', 'fit', word('Show all tracks')],
  ['l', 'layers', word('Layers and filters')],
  ['m', 'measure', word('Measure distance and bearing')],
  ['r', 'rings', word('Range rings')],
  ['v', 'views', word('Saved views')],
  ['1–9', 'view', word('Show a saved view')],
  ['e', 'profile', word('Height profile of the selected track')],
  ['a', 'acknowledge', word('Acknowledge the open incident')],
  ['b', 'lookBack', word('Look back: what is shown stands still')],
  ['n', 'live', word('Live again')],
  ['p', 'play', word('Replay: play or pause')],
  [',', 'back', word('Replay: 10 s back')],
  ['.', 'on', word('Replay: 10 s on')],
  ['o', 'origin', word('Replay: to where the open incident began')],
  ['t', 'theme', word('Dark, light or night vision')],
  ['?', 'help', word('This sheet')],
] as const
export type KeyAction = (typeof KEYS)[number][1] | 'close'

interface Press {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  target: EventTarget | null
}

export function keyAction(press: Press, singleKeys: boolean): KeyAction | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null
  const element = press.target as { tagName?: string } | null
  const writing = ['INPUT', 'TEXTAREA', 'SELECT'].includes(element?.tagName ?? '')
  if (press.key === 'Escape') return writing ? null : 'close'
  if (!singleKeys || writing) return null
  if (/^[1-9]$/.test(press.key)) return 'view'
  return KEYS.find(([key]) => key === press.key)?.[1] ?? null
}
