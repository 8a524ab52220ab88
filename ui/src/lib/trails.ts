import type { Picture } from './decode'

/** Where tracks were in the last minutes: rings of points in one array, since a thousand small ones cost more than what they hold. */

const KEPT = 60 // points a trail, one every STEP_MS: five minutes
const STEP_MS = 5000
const LEFT = 2000 // trails of tracks that left without a word, at most

export class Trails {
  private points = new Float32Array(0) // longitude and latitude in turns, KEPT a track: as precise as the picture
  private start = new Uint8Array(0)
  private size = new Uint8Array(0)
  private last_ms = new Float64Array(0)
  private readonly places = new Map<number, number>() // of a slot in the arrays
  private free: number[] = []

  show(picture: Picture, rows: ReadonlyMap<number, number>): void {
    const { now_ms } = picture
    for (let i = 0; i < picture.n; i++) {
      const slot = picture.slot[i]
      const at = this.places.get(slot) ?? this.begin(slot)
      // Going back in time (a replay that is rewound) starts the trail anew.
      if (now_ms < this.last_ms[at]) this.size[at] = 0
      else if (now_ms - this.last_ms[at] < STEP_MS) continue
      const k = 2 * (at * KEPT + ((this.start[at] + this.size[at]) % KEPT))
      this.points[k] = picture.longitude_deg[i]
      this.points[k + 1] = picture.latitude_deg[i]
      if (this.size[at] < KEPT) this.size[at]++
      else this.start[at] = (this.start[at] + 1) % KEPT
      this.last_ms[at] = now_ms
    }
    if (this.places.size > picture.n + LEFT)
      for (const slot of this.places.keys()) if (!rows.has(slot)) this.forget(slot)
  }

  private begin(slot: number): number {
    if (!this.free.length) this.grow()
    const at = this.free.pop()!
    this.places.set(slot, at)
    this.start[at] = this.size[at] = 0
    this.last_ms[at] = -Infinity
    return at
  }

  private grow(): void {
    const before = this.size.length
    const after = Math.max(256, 2 * before)
    const grown = <T extends Float32Array | Uint8Array | Float64Array>(next: T, old: T): T => { next.set(old); return next }
    this.points = grown(new Float32Array(2 * KEPT * after), this.points)
    this.start = grown(new Uint8Array(after), this.start)
    this.size = grown(new Uint8Array(after), this.size)
    this.last_ms = grown(new Float64Array(after), this.last_ms)
    for (let at = after - 1; at >= before; at--) this.free.push(at)
  }

  forget(slot: number): void {
    const at = this.places.get(slot)
    if (at === undefined) return
    this.places.delete(slot)
    this.free.push(at)
  }

  clear(): void {
    for (const slot of [...this.places.keys()]) this.forget(slot)
  }

  /** [longitude, latitude], oldest first. */
  of(slot: number): [number, number][] {
    const at = this.places.get(slot)
    if (at === undefined) return []
    return Array.from({ length: this.size[at] }, (_, i) => {
      const k = 2 * (at * KEPT + ((this.start[at] + i) % KEPT))
      return [this.points[k], this.points[k + 1]]
    })
  }
}
