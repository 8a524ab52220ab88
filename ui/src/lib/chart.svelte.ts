import { placeOf, speedOf, titleOf, type Anchor, type Where } from './anchor'
import type { Coverage, SensorSite, ZoneProperties } from './contract'
import type { Desk } from './desk.svelte'
import { NO_FILTERS, shownRows, type Filters, type Shown } from './filters'
import { measured, type Drawn, type Health } from './overlay'
import { span } from './format'
import type { Ground, Zones } from './ground'
import { say } from './language'
import { readLayers, type Layers } from './layers'
import { readRings, type Rings } from './rings'
import { keepViews, keptViews, MOST_VIEWS, type SavedView } from './views'

/** What a person chose to see of the map, and what is measured on it. Filters are not kept: a page begins with all tracks. */

const KEY = 'vedette.chart'
const ASK_SENSORS_MS = 10_000 // only while it is not known which feed each one's plots come from
export type Panel = 'layers' | 'measure' | 'rings' | 'views'
/** Heights at which coverage is shown: round in the units of each */
export const HEIGHTS_M = { metric: [100, 300, 1000, 3000, 6000, 10_000], aviation: [152.4, 304.8, 914.4, 3048, 6096, 9144] } as const

export class Chart {
  layers = $state.raw<Layers>(readLayers(null))
  filters = $state.raw<Filters>(NO_FILTERS)
  panel = $state<Panel | null>(null)
  from = $state.raw<Anchor | null>(null) // of the measure
  to = $state.raw<Anchor | null>(null)
  rings = $state.raw<Rings | null>(null)
  views = $state.raw<SavedView[]>(keptViews())
  coverage_m = $state<number>(914.4) // the height that coverage is shown at
  coverage = $state.raw<Coverage | null>(null)
  zones = $state.raw<Zones | null>(null)
  ground = $state.raw<Ground | null>(null)
  picked = $state.raw<Zones['features']>([]) // zones that a person pointed at, the smallest first
  profile = $state(false) // the height profile is open
  going = $state(false) // the field of go-to is open

  sensors = $derived<readonly SensorSite[]>(this.coverage?.sensors ?? [])

  constructor(private readonly desk: Desk) {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>
      this.layers = readLayers(kept.layers)
      this.rings = readRings(kept.rings)
      if (typeof kept.coverage_m === 'number' && kept.coverage_m >= 0 && kept.coverage_m <= 30_000) this.coverage_m = kept.coverage_m
    } catch { /* what was kept is not ours: as at first */ }
  }

  /** Keep what is chosen in this browser. */
  keep(): void {
    localStorage.setItem(KEY, JSON.stringify({ layers: this.layers, rings: this.rings, coverage_m: this.coverage_m }))
  }

  start(): () => void {
    const ask = (): void => { if (!document.hidden && (!this.coverage || this.layers.coverage || this.sensors.some((s) => s.feed_id === null))) void this.askSensors() }
    ask()
    const timer = window.setInterval(ask, ASK_SENSORS_MS)
    return () => clearInterval(timer)
  }

  async askSensors(): Promise<void> {
    const height = this.coverage_m
    try {
      const answer = await fetch(`/api/sensors?height_m=${height}`)
      if (answer.ok && height === this.coverage_m) this.coverage = (await answer.json()) as Coverage
    } catch { /* the link state already says that the server does not answer */ }
  }

  toggle(panel: Panel): void {
    this.panel = this.panel === panel ? null : panel
  }

  get where(): Where { return { air: this.desk.air, sensors: this.sensors } }

  // ---------------------------------------------------------------- what is shown

  /** Slots of tracks in incidents: of the open ones, and of all. */
  private inIncidents = $derived.by((): [ReadonlySet<number>, ReadonlySet<number>] => {
    void this.desk.tick
    const [open, all] = [new Set<number>(), new Set<number>()]
    for (const incident of this.desk.listed) {
      const slot = this.desk.air.slots.get(incident.object.track_id)
      if (slot === undefined) continue
      all.add(slot)
      if (incident.status !== 'closed') open.add(slot)
    }
    return [open, all]
  })
  /** Rows that the filters leave; null where nothing is hidden. */
  shown = $derived.by((): Shown | null => {
    void this.desk.tick
    return shownRows(this.filters, this.desk.air, ...this.inIncidents, this.desk.slot)
  })

  isDrawn = (p: ZoneProperties): boolean => this.layers[p.kind === 'disputed' ? 'disputed' : p.kind !== 'sovereign' ? 'zone' : p.member ? 'member' : 'neighbour']

  /** How a sensor stands at the time that is shown: as its feed does, and as its radar is registered. */
  health = (sensor: SensorSite): Health => {
    const feed = this.desk.feeds.find((f) => f.feed_id === sensor.feed_id)
    if (feed?.state === 'dead') return { mark: 'dead', word: say('dead') }
    if (this.desk.registration.some((r) => r.sensor_id === sensor.sensor_id && r.alarm)) return { mark: 'alarm', word: say('biased') }
    if (!feed || feed.state === 'waiting') return { mark: 'sound', word: say('no data yet') }
    return { mark: 'sound', word: feed.state === 'ended' ? say('ended') : '' }
  }

  /** What the overlay draws. */
  drawn(): Drawn {
    const { where } = this
    const from = this.from && placeOf(this.from, where)
    const to = this.to && placeOf(this.to, where)
    const centre = this.rings && this.layers.rings ? placeOf(this.rings.centre, where) : null
    return {
      sensors: this.sensors,
      sites: this.layers.sensors,
      coverage: this.layers.coverage,
      rings: this.rings && centre ? { rings: this.rings, centre } : null,
      measure: from ? { from, to, words: to ? measured(from, to) : '' } : null,
      zone: this.picked[0]?.geometry ?? null,
      health: this.health,
    }
  }

  // ---------------------------------------------------------------- the measure

  /** One end after the other; a third begins anew. */
  point(anchor: Anchor): void {
    if (!this.from || this.to) { this.from = anchor; this.to = null }
    else this.to = anchor
  }
  clearMeasure(): void { this.from = null; this.to = null }

  /** "12 min 03 s at its speed over ground", where one end moves */
  timeBetween(distance_m: number): string {
    for (const anchor of [this.from, this.to]) {
      const speed = anchor ? speedOf(anchor, this.where) : NaN
      if (speed > 1 && anchor) return say('{time} at the speed of {track}', { time: span(distance_m / speed), track: titleOf(anchor, this.where) })
    }
    return ''
  }

  // ---------------------------------------------------------------- saved views

  save(name: string, at: { longitude_deg: number; latitude_deg: number; zoom: number }): void {
    const { longitude_deg, latitude_deg, zoom } = at
    const view: SavedView = { name: name.trim(), longitude_deg, latitude_deg, zoom, layers: this.layers, filters: this.filters }
    const same = this.views.findIndex((v) => v.name === view.name)
    this.setViews(same >= 0 ? this.views.with(same, view) : [...this.views, view].slice(0, MOST_VIEWS))
  }
  setViews(views: SavedView[]): void {
    this.views = views
    keepViews(views)
  }
  /** Show what a view shows; where it looks is for the map. */
  apply(view: SavedView): void {
    this.layers = view.layers
    this.filters = view.filters
    this.keep()
  }
}
