/** Which key does what. Single keys can be switched off (WCAG 2.1.4); Escape always works. */

export const KEYS = [
  ['/', 'search', 'Search tracks'],
  ['j', 'next', 'Next incident'],
  ['k', 'previous', 'Previous incident'],
  ['g', 'go', 'Go to the selected object'],
  ['f', 'follow', 'Follow the selected track, or stop'],
  ['h', 'fit', 'Show all tracks'],
  ['a', 'acknowledge', 'Acknowledge the open incident'],
  ['p', 'play', 'Replay: play or pause'],
  [',', 'back', 'Replay: 10 s back'],
  ['.', 'on', 'Replay: 10 s on'],
  ['o', 'origin', 'Replay: to where the open incident began'],
  ['t', 'theme', 'Dark, light or night vision'],
  ['?', 'help', 'This sheet'],
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
  return KEYS.find(([key]) => key === press.key)?.[1] ?? null
}
