import { decode } from '@msgpack/msgpack'

/** One air picture: raw columns, one row a track, never turned into objects. */
export interface Picture {
  now_ms: number
  n: number
  slot: Uint32Array
  latitude_deg: Float32Array
  longitude_deg: Float32Array
  height_m: Float32Array // NaN: unknown
  speed_mps: Float32Array
  course_rad: Float32Array // clockwise from true north
  sigma_m: Float32Array // of the position along the longer axis of its ellipse
  sigma_minor_m: Float32Array
  sigma_axis_rad: Float32Array // of the longer axis, clockwise from true north
  age_s: Float32Array
  status: Uint8Array
  identity: Uint8Array
  object_class: Uint8Array
}

const WANTED = {
  slot: '<u4', latitude_deg: '<f4', longitude_deg: '<f4', height_m: '<f4', speed_mps: '<f4',
  course_rad: '<f4', sigma_m: '<f4', sigma_minor_m: '<f4', sigma_axis_rad: '<f4', age_s: '<f4', status: '|u1', identity: '|u1', object_class: '|u1',
} as const
const ARRAYS = { '<u4': Uint32Array, '<f4': Float32Array, '|u1': Uint8Array } as const

/** A frame that does not keep the contract: counted and shown, never half used. */
export class FrameError extends Error {}

function column(name: keyof typeof WANTED, value: unknown, n: number): Uint32Array | Float32Array | Uint8Array {
  if (!Array.isArray(value) || !(value[1] instanceof Uint8Array)) throw new FrameError(`column ${name} is missing`)
  const [type, bytes] = value as [string, Uint8Array]
  const wanted = WANTED[name]
  if (type !== wanted) throw new FrameError(`column ${name} is ${type}, not ${wanted}`)
  const Kind = ARRAYS[wanted]
  if (bytes.byteLength !== n * Kind.BYTES_PER_ELEMENT)
    throw new FrameError(`column ${name} has ${bytes.byteLength} bytes for ${n} rows`)
  // A view where the bytes happen to be aligned, else a copy: both are little-endian like the wire.
  return bytes.byteOffset % Kind.BYTES_PER_ELEMENT === 0
    ? new Kind(bytes.buffer as ArrayBuffer, bytes.byteOffset, n)
    : new Kind(bytes.slice().buffer as ArrayBuffer)
}

/** The picture in one binary frame. Throws FrameError for anything else. */
export function decodePicture(frame: ArrayBuffer): Picture {
  let message: unknown
  try {
    message = decode(new Uint8Array(frame))
  } catch (error) {
    throw new FrameError(`not MessagePack: ${String(error)}`)
  }
  const { type, now_ms, n, columns } = (message ?? {}) as Record<string, unknown>
  if (type !== 'picture' || typeof now_ms !== 'number' || !Number.isInteger(n) || (n as number) < 0)
    throw new FrameError('not a picture')
  const picture: Record<string, unknown> = { now_ms, n }
  for (const name of Object.keys(WANTED) as (keyof typeof WANTED)[])
    picture[name] = column(name, (columns as Record<string, unknown> | undefined)?.[name], n as number)
  return picture as unknown as Picture
}
