import type { Air } from './air'
import { CLASSES, IDENTITIES, type TrackName } from './contract'
import { language } from './language'
import { trackTitle } from './units'
import { CLASS_WORDS, IDENTITY_WORDS, classWords, identityWords, stateWords } from './words'

/** The tracks of the picture as a list: found by words, in an order that does not dance while figures change. */

const TENTATIVE = 0
// By identity: worse ones first; tentative tracks come last, whatever they are
const WORST = [2, 3, 0, 0, 1, 4, 5]
const GRADES = 7

export class TrackList {
  private spoken = ''
  private marks = new WeakMap<TrackName, string>() // what a name is found by
  private readonly kinds = new Map<string, string>() // what a state, or an identity with a class, is found by
  private readonly titles = new Map<number, string>() // of the slots in order
  private order: number[] = [] // slots by title
  private ordered = -1 // the state of names that this is the order of

  constructor(private readonly air: Air) {}

  title(slot: number): string {
    const name = this.air.names.get(slot)
    return trackTitle(name?.callsign, name?.track_id)
  }

  /**
   * Rows that match every word of the question, in callsign, id, address, squawk, identity, class, the state of the
   * address block, or what `more` says of a slot.
   */
  find(question: string, identity: string, more?: ReadonlyMap<number, string>): number[] {
    const { picture } = this.air
    if (!picture) return []
    const words = question.toLowerCase().split(/\s+/).filter(Boolean)
    const wanted = IDENTITIES.indexOf(identity as (typeof IDENTITIES)[number])
    const rows: number[] = []
    if (this.spoken !== language()) {
      this.spoken = language()
      this.marks = new WeakMap()
      this.kinds.clear()
    }
    const kind = IDENTITIES.map((_, who) => CLASSES.map((_, what) => (words.length ? this.kind(who, what) : '')))
    for (let i = 0; i < picture.n; i++) {
      if (wanted >= 0 && picture.identity[i] !== wanted) continue
      if (words.length) {
        const name = this.air.names.get(picture.slot[i])
        const marks = name ? this.marksOf(name) : ''
        const words_of_kind = kind[picture.identity[i]]?.[picture.object_class[i]] ?? ''
        const other = more?.get(picture.slot[i])?.toLowerCase() ?? ''
        if (!words.every((word) => marks.includes(word) || words_of_kind.includes(word) || other.includes(word))) continue
      }
      rows.push(i)
    }
    return rows
  }

  private marksOf(name: TrackName): string {
    let marks = this.marks.get(name)
    if (marks === undefined) {
      const { callsign, track_id, icao24, mode3a, registry } = name
      marks = `${callsign ?? ''} ${track_id} ${icao24 ?? ''} ${mode3a ?? ''} ${registry ? this.state(registry) : ''}`.toLowerCase()
      this.marks.set(name, marks)
    }
    return marks
  }

  private state(registry: string): string {
    let said = this.kinds.get(registry)
    if (said === undefined) this.kinds.set(registry, (said = `${registry} ${stateWords(registry)}`))
    return said
  }

  /** In English and in the language of the page. */
  private kind(identity: number, object_class: number): string {
    const key = `${identity} ${object_class}`
    let said = this.kinds.get(key)
    if (said === undefined) {
      const [who, what] = [IDENTITIES[identity], CLASSES[object_class]]
      said = `${IDENTITY_WORDS[who]} ${identityWords(who)} ${what} ${CLASS_WORDS[what]} ${classWords(what)}`.toLowerCase()
      this.kinds.set(key, said)
    }
    return said
  }

  /** The rows in the order of the list: worse identities first, tentative tracks last, then by title. */
  sorted(rows: readonly number[]): number[] {
    const { picture } = this.air
    if (!picture) return []
    this.orderSlots()
    const wanted = new Uint8Array(picture.n)
    for (const row of rows) wanted[row] = 1
    const grades: number[][] = Array.from({ length: GRADES }, () => [])
    for (const slot of this.order) {
      const row = this.air.rowOf(slot)
      if (row < 0 || !wanted[row]) continue
      const grade = picture.status[row] === TENTATIVE ? 0 : 1 + (WORST[picture.identity[row]] ?? 0)
      grades[grade].push(row)
    }
    return grades.reverse().flat()
  }

  /** Titles are sorted only when one of them changed; what was in order before is nearly so still. */
  private orderSlots(): void {
    const { picture, named } = this.air
    if (!picture) return
    if (this.ordered === named && picture.slot.every((slot) => this.titles.has(slot))) return
    this.ordered = named
    const slots = this.order.filter((slot) => this.air.rowOf(slot) >= 0)
    for (const slot of picture.slot) if (!this.titles.has(slot)) slots.push(slot)
    this.titles.clear()
    for (const slot of slots) this.titles.set(slot, this.title(slot))
    // as texts, which browsers compare without asking us
    const keys = new Map(slots.map((slot) => [`${this.titles.get(slot)!}\0${String(slot).padStart(10, '0')}`, slot]))
    this.order = [...keys.keys()].sort().map((key) => keys.get(key)!)
  }
}
