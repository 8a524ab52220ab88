import { TABLED } from '../src/lib/words'

/** What the page says, found in its sources: for the tests of the message files. */

export const SOURCES = import.meta.glob<string>('../src/**/*.{ts,svelte}', { query: '?raw', import: 'default', eager: true })
/** Codes of the server that are said as they are: the page's words for them are in its message files. */
const CODES = [
  // of tracks, identities and incidents
  'tentative', 'confirmed', 'coasting', 'pending', 'unknown', 'assumed friend', 'friend', 'neutral', 'suspect', 'hostile',
  'predicted', 'open', 'lost', 'closed', 'not told', 'address', 'class', 'identity',
  // of council matters and acts
  'consultation', 'declaration', 'posture', 'delegation', 'shield', 'put', 'place', 'object', 'lift', 'consent', 'abstain',
  'absent', 'revoke', 'leave', 'remark', 'withdraw',
  'opened', 'placed', 'objected', 'broken', 'lifted', 'consented', 'abstained', 'back', 'revoked', 'left', 'remarked', 'agreed',
  'withdrawn', 'lapsed', 'refused',
  // of the offices of a desk
  'watch operator', 'watch supervisor', 'duty commander', 'launch authority', 'air traffic services', 'airspace authority', 'civil protection', 'foreign ministry', 'national authority', 'council delegate', 'spokesperson', 'rescue', 'reviewer',
  // of objects of several nations, and of the register of reactions
  'one address', 'one callsign', 'hand-over', "a person's word", 'in force', 'corrected', 'retracted', 'source', 'register', 'speaker',
  // of the check of what aircraft say of themselves
  'none', 'suspected interference', 'duplicate address', 'impossible kinematics', 'disagrees with radar', 'suspected spoofing',
]
/** The literals that stand for texts in `name(…)` calls: all of the first argument, up to its comma. */
function firstArguments(source: string, name: string): { texts: string[]; rest: string }[] {
  const found = []
  for (const call of source.matchAll(new RegExp(`\\b${name}\\(`, 'g'))) {
    let [depth, at, quote, comma] = [1, call.index + call[0].length, '', -1]
    const start = at
    for (; depth && at < source.length; at++) {
      const c = source[at]
      if (quote) { if (c === '\\') at++; else if (c === quote) quote = '' }
      else if (c === "'" || c === '`') quote = c
      else if ('([{'.includes(c)) depth++
      else if (')]}'.includes(c)) depth--
      else if (c === ',' && depth === 1 && comma < 0) comma = at
    }
    const end = comma < 0 ? at - 1 : comma
    const texts = [...source.slice(start, end).matchAll(/'((?:[^'\\]|\\.)*)'|`([^`]*)`/g)]
      .filter((m) => !/===?\s*$/.test(source.slice(start, start + m.index)))
      .map((m) => m[1] ?? m[2]).filter((t) => /\p{L}/u.test(t) && !t.includes('${'))
    found.push({ texts, rest: source.slice(end, at) })
  }
  return found
}

const plain = new Set<string>([...TABLED, ...CODES])
const counted = new Set<string>()
for (const [path, source] of Object.entries(SOURCES)) {
  if (path.endsWith('/language.ts')) continue
  for (const name of ['say', 'sayBoth', 'sayEnglish', 'word'])
    for (const { texts, rest } of firstArguments(source, name)) for (const text of texts) (/\bcount\b\s*[:,}]/.test(rest) ? counted : plain).add(text)
  for (const { texts } of firstArguments(source, 'sayCount')) for (const text of texts) counted.add(text)
}
for (const text of [...plain]) if (text.includes('{count}')) counted.add(text)
for (const text of counted) plain.delete(text)
plain.delete('')

export const TEXTS = [...plain].sort()
export const COUNTED = [...counted].sort()
