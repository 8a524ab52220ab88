/** How fast the data's clock runs against ours, over the last seconds: pictures may come in bursts. */

const WINDOW_MS = 6000
const BURST_MS = 500

export class Pace {
  private readonly seen: { wall_ms: number; data_ms: number }[] = []

  /** Seconds of data a second, 1 until it is known; a jump back in time starts it anew. */
  note(wall_ms: number, data_ms: number): number {
    const { seen } = this
    if (seen.length && data_ms < seen[seen.length - 1].data_ms) seen.length = 0
    const last_seen = seen[seen.length - 1]
    if (last_seen && wall_ms - last_seen.wall_ms < BURST_MS) last_seen.data_ms = data_ms
    else seen.push({ wall_ms, data_ms })
    while (seen.length > 2 && wall_ms - seen[0].wall_ms > WINDOW_MS) seen.shift()
    const [first, last] = [seen[0], seen[seen.length - 1]]
    return last.wall_ms - first.wall_ms < 1500 ? 1 : (last.data_ms - first.data_ms) / (last.wall_ms - first.wall_ms)
  }
}
