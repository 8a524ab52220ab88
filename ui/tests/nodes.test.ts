import { describe, expect, it } from 'vitest'
import { age, byUrgency, counts, gravestFirst, title } from '../src/lib/nodes'
import type { Peer, PeerState, SharedObject } from '../src/lib/nodes'

const peer = (state: PeerState): Peer => ({
  state, heard_s: 1, entries: 0, behind: 0, they_are_behind: 0, picture_s: null, tracks: 0, we_shed: 0, they_shed: 0, key: 1, contested: false, refused: 0,
})
const object = (more: Partial<SharedObject>): SharedObject => ({
  accounts: [], joined: [], identity: null, object_class: null, icao24: null, differences: [], expected_in: [], elsewhere: [], ...more,
})

describe('links', () => {
  it('show what is wrong before what is well', () => {
    const peers = { BEL: peer('well'), ALB: peer('well'), POL: peer('silent'), EST: peer('contested'), FIN: peer('behind') }
    expect(byUrgency(peers).map(([nation]) => nation)).toEqual(['EST', 'POL', 'FIN', 'ALB', 'BEL'])
    expect(counts(peers)).toEqual([['contested', 1], ['silent', 1], ['behind', 1], ['well', 2]])
  })
  it('grow older while no answer comes, and what never came has no age', () => {
    expect(age(2, 1.5)).toBe('3.5 s')
    expect(age(9.99, 30)).toBe('40 s')
    expect(age(null, 30)).toBe('–')
  })
})

describe('objects', () => {
  it('about which nations are opposed come first, in the order in which they came', () => {
    const opposed = object({ icao24: 'a', differences: [{ field: 'identity', said: {}, opposed: true }] })
    const differ = object({ icao24: 'b', differences: [{ field: 'object_class', said: {}, opposed: false }] })
    const one = object({ icao24: 'c' })
    const twin = object({ icao24: 'd', elsewhere: [['ROU', 'x']] })
    expect(gravestFirst([one, differ, twin, opposed]).map((o) => o.icao24)).toEqual(['d', 'a', 'b', 'c'])
  })
  it('are called by callsign, else by address', () => {
    expect(title(object({ icao24: '4ca8b2' }))).toBe('4CA8B2')
    const account = { callsign: 'NVR41K', incident_id: 'i' } as SharedObject['accounts'][number]
    expect(title(object({ accounts: [account, account] }))).toBe('NVR41K')
  })
})
