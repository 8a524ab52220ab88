import type { Picture } from './decode'
import type { TrackName } from './contract'
import { CLASSES, IDENTITIES } from './contract'
import { CLASS_WORDS, IDENTITY_WORDS, classWords, identityWords, stateWords } from './words'

/** Names and recent past of the tracks in the picture. Typed arrays and maps, outside of reactivity. */

const KEPT = 60 // points a trail, one every STEP_MS: five minutes
const STEP_MS = 5000

interface Ring { longitude: Float64Array; latitude: Float64Array; start: number; size: number; last_ms: number }

export class Air {
  picture: Picture | null = null
  readonly names = new Map<number, TrackName>()
  readonly slots = new Map<string, number>() // track_id to slot
  private readonly rows = new Map<number, number>()
  private readonly trails = new Map<number, Ring>()

  rename(tracks: TrackName[], gone: number[]): void {
    for (const slot of gone) this.forget(slot)
    for (const track of tracks) {
      const old = this.names.get(track.slot)
      if (old && old.track_id !== track.track_id) this.forget(track.slot)
      this.names.set(track.slot, track)
      this.slots.set(track.track_id, track.slot)
    }
  }

  private forget(slot: number): void {
    const name = this.names.get(slot)
    if (name && this.slots.get(name.track_id) === slot) this.slots.delete(name.track_id)
    this.names.delete(slot)
    this.trails.delete(slot)
  }

  /** A new connection: the server says everything again. */
  clear(): void {
    this.names.clear()
    this.slots.clear()
    this.trails.clear()
  }

  show(picture: Picture): void {
    this.picture = picture
    this.rows.clear()
    for (let i = 0; i < picture.n; i++) {
      const slot = picture.slot[i]
      this.rows.set(slot, i)
      let ring = this.trails.get(slot)
      if (!ring) {
        ring = { longitude: new Float64Array(KEPT), latitude: new Float64Array(KEPT), start: 0, size: 0, last_ms: -Infinity }
        this.trails.set(slot, ring)
      }
      // Going back in time (a replay that is rewound) starts the trail anew.
      if (picture.now_ms < ring.last_ms) ring.size = 0
      else if (picture.now_ms - ring.last_ms < STEP_MS) continue
      const at = (ring.start + ring.size) % KEPT
      ring.longitude[at] = picture.longitude_deg[i]
      ring.latitude[at] = picture.latitude_deg[i]
      if (ring.size < KEPT) ring.size++
      else ring.start = (ring.start + 1) % KEPT
      ring.last_ms = picture.now_ms
    }
    if (this.trails.size > picture.n + 2000) // tracks that left without a word
      for (const slot of this.trails.keys()) if (!this.rows.has(slot)) this.trails.delete(slot)
  }

  rowOf(slot: number): number {
    return this.rows.get(slot) ?? -1
  }

  /** [longitude, latitude] of the last minutes, oldest first. */
  trail(slot: number): [number, number][] {
    const ring = this.trails.get(slot)
    if (!ring) return []
    return Array.from({ length: ring.size }, (_, i) => {
      const at = (ring.start + i) % KEPT
      return [ring.longitude[at], ring.latitude[at]]
    })
  }

  /**
   * Rows that match every word of the question, in callsign, id, address, squawk, identity, class, the state of the
   * address block, or what `more` says of a slot.
   */
  find(question: string, identity: string, more?: ReadonlyMap<number, string>): number[] {
    const picture = this.picture
    if (!picture) return []
    const words = question.toLowerCase().split(/\s+/).filter(Boolean)
    const wanted = IDENTITIES.indexOf(identity as (typeof IDENTITIES)[number])
    const rows: number[] = []
    for (let i = 0; i < picture.n; i++) {
      if (wanted >= 0 && picture.identity[i] !== wanted) continue
      if (words.length) {
        const name = this.names.get(picture.slot[i])
        const who = IDENTITIES[picture.identity[i]]
        const what = CLASSES[picture.object_class[i]]
        const text = `${name?.callsign ?? ''} ${name?.track_id ?? ''} ${name?.icao24 ?? ''} ${name?.mode3a ?? ''} ${who ? `${IDENTITY_WORDS[who]} ${identityWords(who)}` : ''} ${what ?? ''} ${what ? `${CLASS_WORDS[what]} ${classWords(what)}` : ''} ${name?.registry ? `${name.registry} ${stateWords(name.registry)}` : ''} ${more?.get(picture.slot[i]) ?? ''}`.toLowerCase()
        if (!words.every((word) => text.includes(word))) continue
      }
      rows.push(i)
    }
    return rows
  }
}
