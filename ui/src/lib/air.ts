import type { Picture } from './decode'
import type { TrackName } from './contract'

/** Names and recent past of the tracks in the picture. Typed arrays and maps, outside of reactivity. */

const KEPT = 60 // points a trail, one every STEP_MS: five minutes
const STEP_MS = 5000

interface Ring { longitude: Float64Array; latitude: Float64Array; start: number; size: number; last_ms: number }

/** Who wants to know what an air knows, as it comes to know it. */
export interface Follower {
  rename(tracks: TrackName[], gone: number[]): void
  clear(): void
  show(picture: Picture): void
}

export class Air {
  picture: Picture | null = null
  named = 0 // counts changes of names
  readonly names = new Map<number, TrackName>()
  readonly slots = new Map<string, number>() // track_id to slot
  private readonly rows = new Map<number, number>()
  private readonly trails = new Map<number, Ring>()
  private follower: Follower | null = null

  /** From now on `follower` is told all that comes, beginning with what is known. */
  follow(follower: Follower | null): void {
    this.follower = follower
    follower?.rename([...this.names.values()], [])
    if (this.picture) follower?.show(this.picture)
  }

  rename(tracks: TrackName[], gone: number[]): void {
    this.named++
    this.follower?.rename(tracks, gone)
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
    this.named++
    this.follower?.clear()
    this.names.clear()
    this.slots.clear()
    this.trails.clear()
  }

  show(picture: Picture): void {
    this.picture = picture
    this.follower?.show(picture)
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
}
