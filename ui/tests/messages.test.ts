import { parse } from 'svelte/compiler'
import { afterEach, describe, expect, it } from 'vitest'
import { LANGUAGES, say, sayBoth, sayCount, speak, type Language, type Messages } from '../src/lib/language'
import { outputWords, placeWords, stateWords } from '../src/lib/words'
import { COUNTED, SOURCES, TEXTS } from './messages'

const FILES = import.meta.glob<Messages>('../src/messages/*.json', { import: 'default', eager: true })
const file = (code: string): Messages => FILES[`../src/messages/${code}.json`]
const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
const others = Object.keys(LANGUAGES).filter((code) => code !== 'en')

afterEach(() => speak({ language: 'en', reviewed: 'x', messages: {} }))

describe('message files', () => {
  it.each(others)('%s says all that the page says, and nothing else', (code) => {
    const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories
    const wanted = [...TEXTS, ...COUNTED.flatMap((text) => forms.map((form) => `${text}_${form}`))].sort()
    expect(Object.keys(file(code).messages).sort()).toEqual(wanted)
  })
  it.each(others)('%s names the same values', (code) => {
    for (const [key, text] of Object.entries(file(code).messages)) {
      expect(text.trim(), key).not.toBe('')
      expect(names(text), key).toEqual(names(key))
    }
  })
  it('English has a singular for all that is counted with a noun', () => {
    expect(Object.keys(file('en').messages).every((key) => COUNTED.includes(key.replace(/_one$/, '')))).toBe(true)
  })
  it('is said with its values and plural forms, and texts from outside are put in as they are', () => {
    speak({ language: 'pl', reviewed: '', messages: { '{n} plots_one': '{n} wykrycie', '{n} plots_few': '{n} wykrycia', '{n} plots_many': '{n} wykryć', 'Refused: {why}.': 'Odmowa: {why}.' } })
    expect([1, 3, 5, 1200].map((n) => sayCount('{n} plots', n))).toEqual(['1 wykrycie', '3 wykrycia', '5 wykryć', '1\u202f200 wykryć'])
    expect(say('Refused: {why}.', { why: '<b>{why}</b> $t(Name)' })).toBe('Odmowa: <b>{why}</b> $t(Name).')
    expect(sayBoth('Refused: {why}.', { why: 'x' })).toBe('Odmowa: x. (Refused: x.)')
    expect(say('a text that no file has: {n}', { n: 3 })).toBe('a text that no file has: 3')
  })
  it('a reviewed translation stands alone, and English comes back', () => {
    speak({ language: 'de' as Language, reviewed: 'A. Speaker, 2026', messages: { Monitor: 'Beobachten' } })
    expect(sayBoth('Monitor')).toBe('Beobachten')
    expect(outputWords('MONITOR')).toBe('Beobachten')
    expect(stateWords('DEU')).toBe('Deutschland')
    expect(placeWords({ state: 'DEU', zone_id: 'sovereign:DEU' })).toBe('Deutschland')
    expect(placeWords({ state: 'DEU', zone_id: 'EDDM-UAS' })).toBe('EDDM-UAS (Deutschland)')
    expect(placeWords({ state: null, zone_id: 'plant' })).toBe('plant')
    speak({ language: 'en', reviewed: 'x', messages: {} })
    expect([outputWords('MONITOR'), stateWords('DEU'), sayCount('{n} plots', 1)]).toEqual(['Monitor', 'Germany', '1 plot'])
  })
})

describe('components', () => {
  const components = Object.entries(SOURCES).filter(([path]) => path.endsWith('.svelte'))
  it.each(components)('%s says no text past the message files', (_, source) => {
    const bare: string[] = []
    const walk = (node: unknown, within: string): void => {
      if (!node || typeof node !== 'object') return
      const { type, data, name, value } = node as { type?: string; data?: string; name?: string; value?: unknown }
      if (type === 'Text' && data && /\p{L}{2,}/u.test(data) && !['kbd', 'code', 'Attribute'].includes(within) && !/^(EXERCISE|DRILL|VEDETTE|km²|ELN:)$/.test(data.trim())) bare.push(data.trim())
      if (type === 'Attribute' && ['aria-label', 'title', 'placeholder', 'alt'].includes(name ?? '') && Array.isArray(value))
        for (const part of value as { type: string; data?: string }[]) if (part.type === 'Text' && /\p{L}{2,}/u.test(part.data ?? '') && part.data !== 'Vedette') bare.push(part.data!)
      const tag = type === 'RegularElement' ? source.slice((node as { start: number }).start).split('>', 1)[0] : ''
      if (/class="code"|lang="en"/.test(tag)) return // names of commands, and what the server says in English
      const inside = type === 'Attribute' ? 'Attribute' : type === 'RegularElement' ? name! : within
      for (const child of Object.values(node)) if (Array.isArray(child)) child.forEach((c) => walk(c, inside)); else walk(child, inside)
    }
    walk(parse(source, { modern: true }).fragment, '')
    expect(bare).toEqual([])
  })
})
