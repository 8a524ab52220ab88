import { describe, expect, it } from 'vitest'
import { count, deedText, mayAct, readPartyKey, untilWords, type Delegate, type Matter } from '../src/lib/council'
import { sign } from '../src/lib/signing'

// of RFC 8032, section 7.1, test 1
const SECRET = { private_key: 'nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=', public_key: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' }
const matter = {
  matter_id: 'm', roster: 'r', keys: { EST: [SECRET.public_key], LVA: ['x', 'y'] }, revoked: ['y'], current: 'v',
  positions: { EST: 'yes', LVA: 'no', DEU: 'no' },
} as unknown as Matter

describe('deeds', () => {
  it('are written with the time to the nanosecond and the version that was seen', () => {
    const text = deedText(matter, 'EST', 'Änn', 'object', 'because "of this" \u2028', 1_758_600_000_123.9, 'a')
    expect(text).toContain('"valid_ns":1758600000123000000}')
    const act = JSON.parse(text) as Record<string, unknown>
    expect(act).toMatchObject({ act_id: 'a', party: 'EST', kind: 'object', version: 'v', words: 'because "of this" \u2028' })
    expect((JSON.parse(deedText(matter, 'EST', 'A', 'remark', 'w', 1, 'a')) as Record<string, unknown>).version).toBeNull()
  })
  it('are signed as RFC 8032 signs', async () => {
    const delegate = await readPartyKey(JSON.stringify({ party: 'EST', ...SECRET }))
    const signed = await sign(delegate, '')
    expect(signed.public_key).toBe(SECRET.public_key)
    expect(signed.signature.startsWith('5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPg')).toBe(true)
  })
  it('are of a party that takes part, by a key that is not revoked', () => {
    const by = (party: string, public_key: string): Delegate => ({ party, public_key, key: {} as CryptoKey })
    expect(mayAct(matter, by('EST', SECRET.public_key))).toBe(true)
    expect(mayAct(matter, by('LVA', 'x'))).toBe(true)
    for (const one of [by('LVA', 'y'), by('LVA', SECRET.public_key), by('FRA', 'x'), null]) expect(mayAct(matter, one)).toBe(false)
  })
})

it.each(['', '{}', '[]', '{"party":"EST"}', '{"party":"EST","private_key":"","public_key":"x"}', '{"party":"EST","private_key":"eA==","public_key":"eA=="}'])(
  'a file that is no key is said to be none: %s',
  async (text) => { await expect(readPartyKey(text)).rejects.toThrow(/key/) },
)

it.each([[0, 'the deadline has passed'], [-5, 'the deadline has passed'], [59_999, '59 s left'], [61_000, '1 min 1 s left'],
  [3_660_000, '1 h 1 min left'], [90_000_000, '1 d 1 h left'], [NaN, 'the deadline has passed']])('time left of %s ms', (left, words) => {
  expect(untilWords(1e12 + left, 1e12)).toBe(words)
})

it('positions are counted', () => {
  expect([count(matter, 'yes'), count(matter, 'no'), count(matter, 'aside')]).toEqual([1, 2, 0])
})
