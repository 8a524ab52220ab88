import '@fontsource/b612/latin-400.css'
import '@fontsource/b612/latin-700.css'
import '@fontsource/b612-mono/latin-400.css'
import '@fontsource/b612-mono/latin-700.css'
import '../fonts.css'
import '../app.css'
import { mount, type Component } from 'svelte'
import { chooseLanguage, keptLanguage } from './language'

/** Put a page up, in the language that it is to speak; in English where the messages do not come. */
export async function open(page: Component): Promise<void> {
  await chooseLanguage(keptLanguage(new URLSearchParams(location.search).get('lang'))).catch(() => undefined)
  mount(page, { target: document.getElementById('app')! })
}
