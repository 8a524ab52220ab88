import { describe, expect, it } from 'vitest'
import type { Incident, Office, Paper } from '../src/lib/contract'
import { actText, mayDecide, nanoseconds, officeOf, papersOf, readKey, sign, toBase64, type Facts, type Signed } from '../src/lib/signing'

const BASE64: Record<string, string> = { '-': '+', _: '/' }
const plain = (text = ''): string => text.replaceAll(/[-_]/g, (c) => BASE64[c]) + '='
const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey)
const FILE = { format: 'vedette-office-key/1', office: 'watch', person: 'Änn 🛩', public_key: plain(jwk.x), private_key: plain(jwk.d) }
const holds = (signed: Signed, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> =>
  crypto.subtle.verify('Ed25519', pair.publicKey, bytesOf(signed.signature), bytes)
const FACTS: Facts = {
  act_id: 'a', desk: 'd', kind: 'accept', person: 'Änn 🛩', office: 'watch', incident_id: 'i', track_id: 't', subject: 'M06', value: null,
  paper: 'p', words: 'because "of this" \u2028 – ü 🛩',
}
const paper = (changes: Partial<Paper>): Paper => ({
  paper_id: 'p', incident_id: 'i', track_id: 't', measure: 'M06', measure_text: '', state: 'EST', rules: [], not_permitted: [], authority: [],
  question: '', basis: '', against: [], attributed_to: null, attribution: '', seats: [{ roles: ['watch_supervisor'], said_yes: false }, { roles: ['launch_authority'], said_yes: false }], opened: { utc: '' },
  status: 'open', decided: null, words: [], void: [], ...changes,
})
const office = (changes: Partial<Office>): Office => ({
  office_id: 'watch', title: '', roles: ['watch_supervisor'], state: null, holders: [{ person: 'Änn 🛩', public_key: FILE.public_key }], ...changes,
})

describe('signing', () => {
  it('is a signature that others can check, over the bytes that are sent', async () => {
    const signer = await readKey(JSON.stringify(FILE))
    const text = actText(FACTS, '1758265700123456789')
    const signed = await sign(signer, text)
    const bytes = bytesOf(signed.act)
    expect(await holds(signed, bytes)).toBe(true)
    expect(new TextDecoder().decode(bytes)).toBe(text)
    expect(signed.public_key).toBe(FILE.public_key)
    bytes[5] ^= 1
    expect(await holds(signed, bytes)).toBe(false)
  })
  it('keeps the time to the nanosecond and every other field as it is', () => {
    const text = actText(FACTS, '1758265700123456789')
    expect(text).toMatch(/"seen_ns":1758265700123456789\}$/)
    const { seen_ns: _, ...rest } = JSON.parse(text) as Record<string, unknown>
    expect(rest).toEqual(FACTS)
    expect(() => actText(FACTS, '1e9')).toThrow()
    expect(() => actText(FACTS, '1,"kind":"x"')).toThrow()
  })
  it('never speaks of a picture that has not been', () => {
    expect(nanoseconds(1758265700123.9)).toBe('1758265700123000000')
  })
  it('refuses what is no key with a sentence', async () => {
    for (const text of ['', 'x', '{}', 'null', '[]', JSON.stringify({ ...FILE, format: 'other' }), JSON.stringify({ ...FILE, person: 1 })])
      await expect(readKey(text)).rejects.toThrow(/no key of an office/)
    await expect(readKey(JSON.stringify({ ...FILE, private_key: 'AAAA' }))).rejects.toThrow(/cannot be used/)
  })
  it('writes bytes as base64', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(bytesOf(toBase64(bytes))).toEqual(bytes)
  })
})

describe('questions', () => {
  it('only the holder of the office may act in it', async () => {
    const signer = await readKey(JSON.stringify(FILE))
    expect(officeOf([office({})], signer)?.office_id).toBe('watch')
    expect(officeOf([office({ holders: [] })], signer)).toBeUndefined()
    expect(officeOf([office({ office_id: 'other' })], signer)).toBeUndefined()
    expect(officeOf([office({})], null)).toBeUndefined()
  })
  it('offers a decision to the right role, of the right state, on what is open alone', () => {
    expect(mayDecide(office({}), paper({}))).toBe(true)
    expect(mayDecide(office({ roles: ['watch_operator'] }), paper({}))).toBe(false)
    expect(mayDecide(office({ state: 'LVA' }), paper({}))).toBe(false)
    expect(mayDecide(office({ state: 'EST' }), paper({}))).toBe(true)
    for (const status of ['withdrawn', 'lapsed'] as const) expect(mayDecide(office({}), paper({ status }))).toBe(false)
    expect(mayDecide(undefined, paper({}))).toBe(false)
  })
  it('shows what waits first and nothing of other incidents', () => {
    const list = [paper({ status: 'withdrawn' }), paper({ status: 'open' }), paper({ status: 'asked' }), paper({ incident_id: 'j' })]
    expect(papersOf(list, { incident_id: 'i' } as Incident).map((p) => p.status)).toEqual(['asked', 'open', 'withdrawn'])
  })
})
