/** Where data blocks go: greedy by priority, never over one another, rarely over a symbol. */

export interface LabelWish {
  key: number
  x: number
  y: number
  width: number
  height: number
  gap: number // from the point to the block, the radius of its symbol
  priority: number
}
export interface Label { index: number; key: number; dx: number; dy: number; spot: number }

type Box = [number, number, number, number]
const CELL = 32

/** Offsets of a block's top-left corner from its point, best first: right up, right down, left up … */
export function spots(w: LabelWish): [number, number][] {
  const right = w.gap + 6
  const left = -w.gap - 6 - w.width
  const up = -w.gap - w.height - 1
  const down = w.gap + 1
  return [
    [right, up], [right, down], [left, up], [left, down],
    [right, -w.height / 2], [left, -w.height / 2], [-w.width / 2, up - 4], [-w.width / 2, down + 4],
    [right + 14, up - 14], [right + 14, down + 14], [left - 14, up - 14], [left - 14, down + 14],
  ]
}

const overlap = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]

/**
 * Places as many of the wishes as fit, highest priority first.
 *
 * A label keeps its spot from last time while that is free, so that labels do not hop about; of the
 * free spots it takes the one that covers the fewest symbols.
 */
export function placeLabels(
  wishes: LabelWish[],
  symbols: { x: Float32Array; y: Float32Array; n: number },
  bounds: { width: number; height: number },
  before: Map<number, number>,
  most: number,
): Label[] {
  const grid = new Map<number, number[]>()
  const cell = (x: number, y: number): number => Math.floor(x / CELL) * 65_536 + Math.floor(y / CELL)
  for (let i = 0; i < symbols.n; i++) {
    const k = cell(symbols.x[i], symbols.y[i])
    const there = grid.get(k)
    if (there) there.push(i)
    else grid.set(k, [i])
  }
  const covered = (box: Box): number => {
    let hits = 0
    for (let x = box[0]; x < box[2] + CELL; x += CELL)
      for (let y = box[1]; y < box[3] + CELL; y += CELL)
        for (const i of grid.get(cell(Math.min(x, box[2]), Math.min(y, box[3]))) ?? [])
          if (symbols.x[i] > box[0] && symbols.x[i] < box[2] && symbols.y[i] > box[1] && symbols.y[i] < box[3]) hits++
    return hits
  }
  const order = wishes.map((_, i) => i).sort((a, b) => wishes[b].priority - wishes[a].priority || wishes[a].key - wishes[b].key)
  const taken: Box[] = []
  const labels: Label[] = []
  for (const index of order) {
    if (labels.length >= most) break
    const w = wishes[index]
    let best: { cost: number; spot: number; box: Box; dx: number; dy: number } | null = null
    const all = spots(w)
    for (let spot = 0; spot < all.length; spot++) {
      const [dx, dy] = all[spot]
      const box: Box = [w.x + dx, w.y + dy, w.x + dx + w.width, w.y + dy + w.height]
      if (box[0] < 0 || box[1] < 0 || box[2] > bounds.width || box[3] > bounds.height) continue
      if (taken.some((other) => overlap(box, other))) continue
      const cost = covered(box) * 4 + spot * 0.3 - (before.get(w.key) === spot ? 6 : 0)
      if (!best || cost < best.cost) best = { cost, spot, box, dx, dy }
    }
    if (!best) continue
    taken.push(best.box)
    labels.push({ index, key: w.key, dx: best.dx, dy: best.dy, spot: best.spot })
  }
  return labels
}
