import i18next from 'i18next'
import { createSubscriber } from 'svelte/reactivity'
import english from '../messages/en.json'
import { figure } from './units'

/** The language of the page. What it says in English is the key; a message file has the same in another language. */

export const LANGUAGES = {
  en: 'English', fr: 'Français', de: 'Deutsch', pl: 'Polski', et: 'Eesti', uk: 'Українська',
} as const
export type Language = keyof typeof LANGUAGES

/** A message file, in i18next's JSON format 4. `reviewed` names the speaker who has read it, or is empty. */
export interface Messages { language: Language; reviewed: string; messages: Record<string, string> }

const FILES: Record<Exclude<Language, 'en'>, () => Promise<{ default: Messages }>> = {
  fr: () => import('../messages/fr.json') as Promise<{ default: Messages }>,
  de: () => import('../messages/de.json') as Promise<{ default: Messages }>,
  pl: () => import('../messages/pl.json') as Promise<{ default: Messages }>,
  et: () => import('../messages/et.json') as Promise<{ default: Messages }>,
  uk: () => import('../messages/uk.json') as Promise<{ default: Messages }>,
}
const KEY = 'vedette.language'

let changed = (): void => undefined
const subscribe = createSubscriber((update) => {
  changed = update
  return () => { changed = () => undefined }
})

const speaker = i18next.createInstance()
void speaker.init({
  lng: 'en', fallbackLng: 'en', initAsync: false,
  keySeparator: false, nsSeparator: false, // a key is a sentence, with its dots and colons
  interpolation: { prefix: '{', suffix: '}', escapeValue: false, skipOnVariables: true }, // the page shows texts, never markup
  resources: { en: { translation: english.messages } },
})

const unreviewed = new Set<Language>()

export const isLanguage = (code: string | null): code is Language => code !== null && code in LANGUAGES
export const language = (): Language => {
  subscribe()
  return speaker.language as Language
}
/** Whether no speaker has read what the page says in the language it speaks now. */
export const isUnreviewed = (): boolean => unreviewed.has(language())

/** A text that is said elsewhere; so that the test of the message files finds it. */
export const word = (text: string): string => text

type Values = Record<string, string | number>
/** The text in the page's language; `{name}` in it is the value of that name. With `count`, its plural form. */
export function say(text: string, values?: Values): string {
  subscribe()
  return speaker.t(text, values ?? {})
}
/** With a number: `{n}` in the text is it as figures are written here, and the plural form fits it. */
export const sayCount = (text: string, n: number, values?: Values): string =>
  say(text, { ...values, count: n, n: figure(n) })
/** In English, whatever the page speaks. */
export const sayEnglish = (text: string, values?: Values): string => speaker.t(text, { ...values, lng: 'en' })
/** For alerts: beside a translation that no speaker has read stands the English. */
export function sayBoth(text: string, values?: Values): string {
  const said = say(text, values)
  const plain = sayEnglish(text, values)
  return isUnreviewed() && said !== plain ? `${said} (${plain})` : said
}

/** Take the messages of one language, and speak it. */
export function speak(file: Messages): void {
  speaker.addResourceBundle(file.language, 'translation', file.messages, true, true)
  if (!file.reviewed) unreviewed.add(file.language)
  void speaker.changeLanguage(file.language)
  changed()
}
/** From now on the page speaks `code`; its messages come from the page's own files. Throws where they do not come. */
export async function chooseLanguage(code: Language): Promise<void> {
  if (code === 'en') {
    await speaker.changeLanguage('en')
    changed()
  } else speak((await FILES[code]()).default)
  localStorage.setItem(KEY, code)
  document.documentElement.lang = code
}
/** What was asked for in the address, else what was chosen before, else English. */
export function keptLanguage(asked: string | null = null): Language {
  const kept = localStorage.getItem(KEY)
  return isLanguage(asked) ? asked : isLanguage(kept) ? kept : 'en'
}
