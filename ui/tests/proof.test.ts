import { describe, expect, it } from 'vitest'
import { prove, rootFrom, type Kept } from '../src/lib/proof'

const text = new TextEncoder()
const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
const sha = async (...parts: Uint8Array[]): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(parts.flatMap((p) => [...p]))))
const leaf = (entry: string): Promise<Uint8Array> => sha(Uint8Array.of(0), text.encode(entry))
/** The definition of RFC 9162, 2.1.1 and 2.1.3.1, by recursion: not the way of the code under test. */
const split = (n: number): number => { let k = 1; while (2 * k < n) k *= 2; return k }
const root = async (leaves: Uint8Array[]): Promise<Uint8Array> =>
  leaves.length === 1 ? leaves[0]! : sha(Uint8Array.of(1), await root(leaves.slice(0, split(leaves.length))), await root(leaves.slice(split(leaves.length))))
const path = async (m: number, leaves: Uint8Array[]): Promise<Uint8Array[]> => {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  return m < k
    ? [...(await path(m, leaves.slice(0, k))), await root(leaves.slice(k))]
    : [...(await path(m - k, leaves.slice(k))), await root(leaves.slice(0, k))]
}
const lines = (n: number): string[] => Array.from({ length: n }, (_, i) => `{"kind":"é${i}"}`)

const keys = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey))
async function kept(number: number, size: number): Promise<Kept> {
  const all = lines(size)
  const leaves = await Promise.all(all.map(leaf))
  const top = hex(await root(leaves))
  const signature = await crypto.subtle.sign('Ed25519', keys.privateKey, text.encode(`vedette tree head 1\n${size}\n${top}\n`))
  return {
    number,
    line: all[number]!,
    proof: (await path(number, leaves)).map(hex),
    head: { format: 1, size, root: top, public_key: hex(publicKey), signature: hex(new Uint8Array(signature)) },
  }
}

describe('a proof that an entry is in the signed log', () => {
  it('holds for every entry of logs of every small size', async () => {
    for (let size = 1; size <= 17; size++)
      for (let i = 0; i < size; i++) expect(await prove(await kept(i, size))).toMatchObject({ ok: true })
  })
  it('fails when anything of it is changed', async () => {
    const good = await kept(5, 11)
    const flip = (figures: string): string => (figures[0] === '0' ? '1' : '0') + figures.slice(1)
    const wrong: Kept[] = [
      { ...good, line: good.line + ' ' },
      { ...good, number: 4 },
      { ...good, proof: good.proof.slice(1) },
      { ...good, proof: [...good.proof, good.proof[0]!] },
      { ...good, proof: [flip(good.proof[0]!), ...good.proof.slice(1)] },
      { ...good, head: { ...good.head!, size: 12 } },
      { ...good, head: { ...good.head!, root: flip(good.head!.root) } },
      { ...good, head: { ...good.head!, signature: flip(good.head!.signature) } },
      { ...good, head: { ...good.head!, public_key: 'zz' } },
      { ...good, head: null },
    ]
    for (const one of wrong) expect((await prove(one)).ok).toBe(false)
  })
  it('has no root for an entry beyond the end', async () => {
    expect(await rootFrom(await leaf('x'), 3, 3, [])).toBeNull()
  })
})
