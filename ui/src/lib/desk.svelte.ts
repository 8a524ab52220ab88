import { socketAt, takeSocket } from './ahead'
import { Air } from './air'
import { time } from './format'
import type { Course, DeskFrame, FeedHealth, SensorBias, Hello, Incident, InterferenceCell, Judged, Ledger, TextFrame, TrailPoint } from './contract'
import { decodePicture } from './decode'
import { isUnreviewed, say, sayCount, sayEnglish } from './language'
import { Pace } from './pace'
import { me } from './person.svelte'
import { signedOut } from './sign_in'
import { byUrgency } from './urgency'
import { outputEnglish, outputWords } from './words'

/** All that the page knows, and the one connection it comes through. */

const LATE_MS = 2500 // pictures come once a second
const LOST_MS = 10_000 // DESIGN: a dead source is shown as dead within 10 s
/** `ended`: the server says that all its feeds have ended; the picture is their last one. */
export type LinkState = 'connecting' | 'live' | 'late' | 'lost' | 'ended'

const LOSING_MS = 10_000 // for so long after a loss it is said in the header

export class Desk {
  link = $state<LinkState>('connecting')
  silent_s = $state(0) // since the last picture, by this computer's clock
  now_ms = $state(NaN) // time of the data
  rate = $state(1) // seconds of data a second: 1 when live, more in a replay
  tick = $state(0) // counts pictures, so that views follow without the rows being reactive
  tracks = $state(0)
  tentative = $state(0) // of them, not yet confirmed
  badFrames = $state(0)
  badReason = $state('')
  hello = $state.raw<Hello | null>(null)
  incidents = $state.raw<Incident[]>([])
  feeds = $state.raw<FeedHealth[]>([])
  spared = $state(0) // plots of the last second for which there was no time
  isolated = $state<boolean | null>(false) // the node of this watch hears none of its allies; null: not known
  registration = $state.raw<SensorBias[]>([])
  interference = $state.raw<InterferenceCell[]>([]) // cells in which anybody is affected
  ledger = $state.raw<Ledger | null>(null)
  offices = $state.raw<DeskFrame | null>(null) // who may decide, and what is asked of them
  slot = $state(-1) // selected track
  incident_id = $state<string | null>(null) // selected incident
  trail = $state.raw<TrailPoint[]>([]) // of the selected incident
  announcement = $state('')
  course = $state.raw<Course | null>(null) // of a replay
  knownNow = $state.raw<Incident[] | null>(null) // its incidents as they are known at its end
  judged = $state.raw<Judged[]>([]) // by the rule set that a replay is compared with
  asKnown = $state<'then' | 'now'>('then')
  back = $state(false) // what is shown is not live: a person looks back at a watch that goes on
  live_ms = $state(NaN) // time of the data that came last, looked at or not
  missed = $state(0) // incidents that have come since

  readonly air = new Air()
  listed = $derived(this.asKnown === 'now' && this.knownNow ? this.knownNow : this.incidents)
  sorted = $derived(byUrgency(this.listed))
  incident = $derived(this.listed.find((i) => i.incident_id === this.incident_id) ?? null)
  deadFeeds = $derived(this.feeds.filter((f) => f.state === 'dead'))
  // what was lost of late is missing from the picture that is shown
  losing = $derived(this.feeds.filter((f) => this.now_ms - time(f.lost_at?.utc) < LOSING_MS))
  unread = $derived(this.incidents.filter((i) => i.status !== 'closed' && !i.acknowledged).length)

  private pace = new Pace()
  private socket: WebSocket | null = null
  private past: WebSocket | null = null
  private liveHello: Hello | null = null
  private heard = 0
  private retry_ms = 500
  private known: Set<string> | null = null
  private trailAsked = 0

  start(): void {
    this.connect()
    setInterval(() => this.listen(), 250)
  }

  private connect(): void {
    const [socket, said] = takeSocket()
    this.socket = socket
    const opened = (): void => {
      this.air.clear()
      this.pace = new Pace()
      this.heard = performance.now()
    }
    const hear = ({ data }: MessageEvent<string | ArrayBuffer>): void => {
      try {
        if (this.back) this.aside(data)
        else if (typeof data === 'string') this.text(JSON.parse(data) as TextFrame)
        else this.binary(data)
      } catch (error) {
        this.badFrames++
        this.badReason = String(error)
      }
    }
    socket.onopen = opened
    socket.onmessage = hear
    if (socket.readyState === WebSocket.OPEN) opened() // before we came
    for (const event of said) hear(event)
    socket.onclose = () => {
      if (this.socket !== socket) return // given up for a new one
      this.link = 'lost'
      void this.signInAgain()
      setTimeout(() => this.connect(), this.retry_ms)
      this.retry_ms = Math.min(this.retry_ms * 1.6, 5000)
    }
  }

  /** Whether there is a watch that goes on, of which what was can be shown. */
  get mayLookBack(): boolean {
    return this.hello !== null && this.hello.mode !== 'replay'
  }

  /** Show a moment that has passed; what comes live is heard all the same, and told. */
  lookBack(seconds = 0): void {
    if (this.back || !this.mayLookBack || !Number.isFinite(this.now_ms)) return
    this.back = true
    this.missed = 0
    this.live_ms = this.now_ms
    this.liveHello = this.hello
    if (this.hello) this.hello = { ...this.hello, hears: false } // nobody acts on what was
    this.connectPast(this.now_ms - 1000 * seconds)
  }

  private connectPast(at_ms: number): void {
    const socket = socketAt('/ws/past')
    this.past = socket
    socket.onopen = () => {
      this.air.clear()
      socket.send(JSON.stringify({ type: 'time', at_ms, playing: false }))
    }
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (this.past !== socket) return
      try {
        if (typeof event.data !== 'string') this.show(event.data)
        else {
          const frame = JSON.parse(event.data) as TextFrame
          if (frame.type === 'incidents') this.incidents = frame.incidents
          else if (frame.type === 'feeds') { this.feeds = frame.feeds; this.spared = frame.spared ?? 0; this.isolated = frame.isolated; this.registration = frame.registration ?? [] }
          else this.text(frame)
        }
      } catch (error) {
        this.badFrames++
        this.badReason = String(error)
      }
    }
    socket.onclose = () => setTimeout(() => { if (this.past === socket) this.connectPast(this.course?.at_ms ?? at_ms) }, 1000)
  }

  /** What is told live while a person looks back: that it goes on, and what is new. */
  private aside(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') {
      this.live_ms = decodePicture(data).now_ms
      this.hearLive()
      return
    }
    const frame = JSON.parse(data) as TextFrame
    if (frame.type === 'hello') this.liveHello = frame
    else if (frame.type === 'incidents') this.missed += this.announceNew(frame.incidents)
    else if (frame.type === 'feeds') this.hearEnd(frame.ended)
  }

  /** Live again: everything is told anew, as to a page that has just come. */
  live(): void {
    if (!this.back) return
    const before = this.past
    this.past = null
    before?.close()
    this.back = false
    this.course = null
    this.asKnown = 'then'
    this.hello = this.liveHello ?? this.hello
    this.link = 'connecting'
    const old = this.socket
    this.connect()
    old?.close()
  }

  /** A session that is over has no picture: it goes where a new one begins. */
  private async signInAgain(): Promise<void> {
    const answer = await fetch('/api/hello').catch(() => null)
    if (answer) signedOut(answer)
  }

  /** Whether whoever looks may acknowledge: with an account, where it says so. */
  get mayAcknowledge(): boolean {
    return this.hello?.account?.roles.includes('operator') ?? true
  }

  /** Runs on its own clock: silence has no event. */
  private listen(): void {
    if (!this.heard) return
    const silent = performance.now() - this.heard
    this.silent_s = silent / 1000
    if (this.link === 'live' || this.link === 'late')
      this.link = silent > LOST_MS ? 'lost' : silent > LATE_MS ? 'late' : 'live'
    // A socket can hang without closing (a laptop that slept): give it up, so that a new one is made.
    if (silent > 2 * LOST_MS && this.link !== 'ended' && this.socket?.readyState === WebSocket.OPEN) this.socket.close()
  }

  private text(frame: TextFrame): void {
    if (frame.type === 'hello') {
      this.hello = frame
      if (frame.account) { me.person = frame.account.person; me.office = frame.account.office }
    }
    else if (frame.type === 'tracks') this.air.rename(frame.tracks, frame.gone)
    else if (frame.type === 'incidents') this.hear(frame.incidents)
    else if (frame.type === 'interference') this.interference = frame.cells
    else if (frame.type === 'desk') this.offices = frame
    else if (frame.type === 'known_now') this.knownNow = frame.incidents
    else if (frame.type === 'other_rules') this.judged = frame.incidents
    else if (frame.type === 'time') this.course = frame
    else if (frame.type === 'feeds') {
      this.feeds = frame.feeds
      this.spared = frame.spared ?? 0
      this.isolated = frame.isolated
      this.registration = frame.registration ?? []
      this.ledger = frame.ledger
      this.hearEnd(frame.ended)
    }
  }

  private hearEnd(ended: boolean): void {
    if (ended) this.link = 'ended'
    else if (this.link === 'ended') this.link = 'live'
  }

  private hearLive(): void {
    this.heard = performance.now()
    this.retry_ms = 500
    if (this.link !== 'ended') this.link = 'live'
    this.silent_s = 0
  }

  private binary(data: ArrayBuffer): void {
    this.hearLive()
    this.show(data)
  }

  private show(data: ArrayBuffer): void {
    const picture = decodePicture(data)
    this.air.show(picture)
    this.rate = this.course && !this.course.playing ? 1 : this.pace.note(performance.now(), picture.now_ms)
    this.now_ms = picture.now_ms
    this.tracks = picture.n
    let tentative = 0
    for (let i = 0; i < picture.n; i++) if (picture.status[i] === 0) tentative++
    this.tentative = tentative
    this.tick++
    if (this.incident && this.incident.status !== 'closed' && performance.now() - this.trailAsked > 5000) void this.fetchTrail()
  }

  private hear(incidents: Incident[]): void {
    this.announceNew(incidents)
    this.incidents = incidents
  }

  /** Tell of incidents that were not there before; how many those are. */
  private announceNew(incidents: Incident[]): number {
    const fresh = this.known ? incidents.filter((i) => !this.known!.has(i.incident_id)) : []
    this.known = new Set(incidents.map((i) => i.incident_id))
    if (fresh.length) this.announcement = announce(fresh.length, fresh[0])
    return fresh.length
  }

  /** Ask a replay, or the past of a watch, for another time or pace. */
  wind(wanted: { at_ms?: number; speed?: number; playing?: boolean }): void {
    const socket = this.back ? this.past : this.socket
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'time', ...wanted }))
    if (wanted.at_ms !== undefined && this.incident_id) setTimeout(() => void this.fetchTrail(), 400)
  }

  openIncident(id: string | null): void {
    this.incident_id = id
    this.trail = []
    const incident = this.incident
    if (!incident) return
    this.slot = this.air.slots.get(incident.object.track_id) ?? -1
    void this.fetchTrail()
  }

  selectSlot(slot: number): void {
    this.slot = slot
    const id = this.air.names.get(slot)?.track_id
    const incident = id ? this.sorted.find((i) => i.object.track_id === id) : undefined
    if (incident) {
      if (incident.incident_id !== this.incident_id) this.openIncident(incident.incident_id)
    } else if (slot >= 0) this.openIncident(null)
  }

  private async fetchTrail(): Promise<void> {
    const id = this.incident_id
    if (!id) return
    this.trailAsked = performance.now()
    try {
      const until = this.course ? `?at=${Math.round(this.now_ms)}` : ''
      const answer = await fetch(`/api/incidents/${encodeURIComponent(id)}/trail${until}`)
      const shown_ms = this.course ? this.now_ms : Infinity // a live watch answers with all that it has
      if (answer.ok && id === this.incident_id) this.trail = ((await answer.json()) as TrailPoint[]).filter((point) => point[0] <= shown_ms)
    } catch { /* the link state already says that the server does not answer */ }
  }

  /** Send a signed act; null when it was heard, else why it was not, in words. */
  async say(signed: object): Promise<string | null> {
    try {
      const answer = await fetch('/api/desk/acts', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Vedette': '1' },
        body: JSON.stringify(signed),
      })
      if (answer.status === 201) return null
      const said = (await answer.json()) as { refused?: string; error?: string }
      return say('Refused: {why}.', { why: said.refused ?? said.error ?? answer.status })
    } catch {
      // the answer is lost, perhaps not the act: a yes must not be given twice in the belief that it failed
      return say('No answer came. It may have been recorded or not: look at the question before saying it again.')
    }
  }

  /** Send an act; null when it is recorded, else why it is not, in words. */
  async act(kind: 'acknowledge' | 'remark', incident_id: string, person: string, office: string, words: string): Promise<string | null> {
    try {
      const answer = await fetch('/api/acts', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Vedette': '1' },
        body: JSON.stringify({ kind, incident_id, person, office, words }),
      })
      if (answer.status === 201) return null
      return say('The server refused it ({status}).', { status: answer.status })
    } catch {
      return say('No answer came. It may have been recorded or not: look at the incident before saying it again.')
    }
  }
}

/** What a screen reader says of new incidents; beside a translation that no speaker has read, in English too. */
function announce(n: number, first: Incident): string {
  const call = first.object.callsign
  const said = `${sayCount('{n} new incidents', n)}: ${call ?? say('no callsign')}, ${outputWords(first.output).toLowerCase()}`
  if (!isUnreviewed()) return said
  return `${said}. ${sayEnglish('{n} new incidents', { count: n, n })}: ${call ?? 'no callsign'}, ${outputEnglish(first.output).toLowerCase()}`
}
