import { say } from './language'

/** Whether an entry is in the log that a node signed: worked out here, so that a server that lies is found. */

export interface SignedHead { format: number; size: number; root: string; public_key: string; signature: string }
export interface Kept { number: number; line: string; head: SignedHead | null; proof: string[] }
export interface Row { number: number; kind: string; utc: string; subject: string; octets: number; sealed: boolean }
export interface Rows { entries: Row[]; total: number; kinds: Record<string, number> }
export interface Proven { ok: boolean; why: string; leaf: string; steps: number }

const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
export function unhex(text: string): Uint8Array<ArrayBuffer> {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error('no hexadecimal')
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16))
}
async function hash(...parts: Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const part of parts) { whole.set(part, at); at += part.length }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole))
}
export const leafHash = (entry: Uint8Array): Promise<Uint8Array> => hash(Uint8Array.of(0), entry)
export const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Uint8Array> => hash(Uint8Array.of(1), left, right)

/** RFC 9162, 2.1.3.2: the root that a leaf and its siblings lead to; null where the path does not fit the size. */
export async function rootFrom(leaf: Uint8Array, index: number, size: number, proof: Uint8Array[]): Promise<Uint8Array | null> {
  if (index < 0 || index >= size) return null
  let [first, last, carry] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (last === 0) return null
    if (first % 2 === 1 || first === last) {
      carry = await nodeHash(sibling, carry)
      while (first % 2 === 0 && first > 0) { first /= 2; last = Math.floor(last / 2) }
    } else carry = await nodeHash(carry, sibling)
    first = Math.floor(first / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? carry : null
}

/** Check the path and the signature of the head. Never throws: what cannot be checked is not proven. */
export async function prove(kept: Kept): Promise<Proven> {
  const no = (why: string, leaf = ''): Proven => ({ ok: false, why, leaf, steps: 0 })
  const { head } = kept
  if (!head) return no(say('The signed head does not reach this entry yet.'))
  if (!globalThis.crypto?.subtle) return no(say('This browser checks only on a secure connection (https, or this machine).'))
  try {
    const leaf = await leafHash(new TextEncoder().encode(kept.line))
    const root = await rootFrom(leaf, kept.number, head.size, kept.proof.map(unhex))
    if (!root || hex(root) !== head.root) return no(say('The hashes do not lead from this entry to the head.'), hex(leaf))
    const key = await crypto.subtle.importKey('raw', unhex(head.public_key), 'Ed25519', false, ['verify'])
    const said = new TextEncoder().encode(`vedette tree head 1\n${head.size}\n${head.root}\n`)
    if (!(await crypto.subtle.verify('Ed25519', key, unhex(head.signature), said))) return no(say('The signature of the head does not fit.'), hex(leaf))
    return { ok: true, why: '', leaf: hex(leaf), steps: kept.proof.length }
  } catch {
    return no(say('What the server sent is no proof, or this browser knows no Ed25519.'))
  }
}
