import { word } from './language'

export const THEMES = ['dark', 'light', 'night'] as const
export type Theme = (typeof THEMES)[number]
export const THEME_WORDS: Record<Theme, string> = { dark: word('Dark'), light: word('Light'), night: word('Night vision') }
export const THEME_SHORT: Record<Theme, string> = { dark: word('Dark'), light: word('Light'), night: word('Night') } // on a button

/** The theme that was kept, or what the system asks for */
export function keptTheme(asked: string | null = null): Theme {
  const wished = asked ?? localStorage.getItem('vedette.theme')
  const known = THEMES.find((theme) => theme === wished)
  return known ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')
}
export const nextTheme = (theme: Theme): Theme => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!
