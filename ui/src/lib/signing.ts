import type { Incident, Office, Paper } from './contract'
import { say } from './language'

/** A person's acts at the desk, signed here: the key never leaves this page. */

export interface Signer { person: string; office: string; public_key: string; key: CryptoKey }
export type ActKind = 'confirm_check' | 'deny_check' | 'set_identity' | 'review' | 'accept' | 'reject' | 'ask' | 'answer' | 'remark'
export interface Signed { act: string; public_key: string; signature: string }

const FORMAT = 'vedette-office-key/1'

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

/** The key in a file of `vedette office new`. Throws a sentence for people where there is none. */
export async function readKey(text: string): Promise<Signer> {
  let file: Record<string, unknown>
  try {
    file = JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new Error(say('This file holds no key of an office.'))
  }
  const { format, person, office, public_key, private_key } = file ?? {}
  if (format !== FORMAT || [person, office, public_key, private_key].some((x) => typeof x !== 'string'))
    throw new Error(say('This file holds no key of an office.'))
  const key = await importKey(private_key as string, public_key as string)
  return { person: person as string, office: office as string, public_key: public_key as string, key }
}

/** A key to sign with, which cannot be read out of this page again. Throws a sentence for people. */
export async function importKey(private_key: string, public_key: string): Promise<CryptoKey> {
  if (!globalThis.crypto?.subtle) throw new Error(say('This browser signs only on a secure connection (https, or this machine).'))
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', d: urlSafe(private_key), x: urlSafe(public_key) }
    return await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign'])
  } catch {
    throw new Error(say('The key cannot be used: it is damaged, or this browser knows no Ed25519.'))
  }
}

export interface Facts {
  act_id: string
  desk: string
  kind: ActKind
  person: string
  office: string
  incident_id: string
  track_id: string
  subject: string | null
  value: string | null
  paper: string | null
  words: string
}

/** The bytes that are signed. The time goes in as digits: it has more than a number holds. */
export function actText(facts: Facts, seen_ns: string): string {
  if (!/^\d{1,19}$/.test(seen_ns)) throw new Error('no time')
  return `${JSON.stringify(facts).slice(0, -1)},"seen_ns":${seen_ns}}`
}

/** Nanoseconds of a picture's time, never after it. */
export const nanoseconds = (ms: number): string => `${Math.floor(ms)}000000`

export async function sign(signer: Pick<Signer, 'public_key' | 'key'>, text: string): Promise<Signed> {
  const bytes = new TextEncoder().encode(text)
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', signer.key, bytes))
  return { act: toBase64(bytes), public_key: signer.public_key, signature: toBase64(signature) }
}

/** The office that a signer holds here; undefined: none, and nothing will be heard. */
export function officeOf(offices: readonly Office[], signer: Signer | null): Office | undefined {
  return offices.find((o) => o.office_id === signer?.office && o.holders.some((h) => h.public_key === signer.public_key))
}

/** Whether an office may decide on a paper; anybody may refuse. */
export function mayDecide(office: Office | undefined, paper: Paper): boolean {
  if (!office || paper.status === 'withdrawn' || paper.status === 'lapsed') return false
  return (office.state === null || office.state === paper.state) && paper.seats.some((s) => s.roles.some((r) => office.roles.includes(r)))
}

/** Papers of an incident: what waits for somebody first, what is withdrawn last. */
export function papersOf(papers: readonly Paper[], incident: Incident): Paper[] {
  const order = { asked: 0, open: 1, refused: 2, accepted: 3, lapsed: 4, withdrawn: 5 }
  return papers
    .filter((p) => p.incident_id === incident.incident_id)
    .sort((a, b) => order[a.status] - order[b.status] || a.measure.localeCompare(b.measure))
}
