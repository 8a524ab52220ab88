import type { Picture } from './decode'
import type { TrackName } from './contract'
import { Trails } from './trails'

/** Names of the tracks in the picture. Typed arrays and maps, outside of reactivity. */

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
  private follower: Follower | null = null

  /** `trails`: where tracks were, which only who draws them need keep. */
  constructor(public trails: Trails | null = null) {}

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
    this.trails?.forget(slot)
  }

  /** A new connection: the server says everything again. */
  clear(): void {
    this.named++
    this.follower?.clear()
    this.names.clear()
    this.slots.clear()
    this.trails?.clear()
  }

  show(picture: Picture): void {
    this.picture = picture
    this.follower?.show(picture)
    this.rows.clear()
    for (let i = 0; i < picture.n; i++) this.rows.set(picture.slot[i], i)
    this.trails?.show(picture, this.rows)
  }

  rowOf(slot: number): number {
    return this.rows.get(slot) ?? -1
  }

  /** [longitude, latitude] of the last minutes, oldest first; none where no trails are kept. */
  trail(slot: number): [number, number][] {
    return this.trails?.of(slot) ?? []
  }
}
