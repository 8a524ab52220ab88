import { ms, numberair, numberairmissile } from 'milsymbol-core'
import type { Identity, ObjectClass } from './contract'
import { CLASSES, IDENTITIES } from './contract'
import type { Surface } from './surface'
import type { Theme } from './theme'

/** MIL-STD-2525D air symbols as small canvases, made when first needed. */

ms.addIcons(numberair)
ms.addIcons(numberairmissile)

// Standard identity digit of a symbol code. The frame's shape tells it; colour only repeats it.
const SI: Record<Identity, string> = {
  pending: '0', unknown: '1', assumed_friend: '2', friend: '3', neutral: '4', suspect: '5', hostile: '6',
}
// Symbol set and entity (MIL-STD-2525D, tables for air and air missile). Birds and artefacts have none.
const ENTITY: Record<ObjectClass, [string, string]> = {
  airliner: ['01', '120100'],
  ga_aircraft: ['01', '120100'],
  helicopter_civil: ['01', '120200'],
  glider_ultralight: ['01', '120100'],
  military_aircraft: ['01', '110100'],
  helicopter_military: ['01', '110200'],
  drone_small: ['01', '110300'],
  drone_long_range: ['01', '110300'],
  cruise_missile: ['02', '110000'],
  ballistic_missile: ['02', '110000'],
  balloon: ['01', '120400'],
  bird: ['01', '000000'],
  clutter_artefact: ['01', '000000'],
  unknown: ['01', '000000'],
}

export function symbolCode(identity: Identity, object_class: ObjectClass, exercise = false): string {
  const [set, entity] = ENTITY[object_class]
  return `10${exercise ? '1' : '0'}${SI[identity]}${set}0000${entity}0000`
}

// After Okabe and Ito: told apart with every common colour blindness. Red is for hostile only.
export const FILL: Record<Theme, Record<Identity, string>> = {
  dark: {
    pending: '#f0e06a', unknown: '#f0e06a', assumed_friend: '#63b7ea', friend: '#63b7ea',
    neutral: '#86d9a3', suspect: '#ff9a4a', hostile: '#ff5c52',
  },
  light: {
    pending: '#f2dc3a', unknown: '#f2dc3a', assumed_friend: '#5db4ea', friend: '#5db4ea',
    neutral: '#7fd49b', suspect: '#ff9640', hostile: '#f0483e',
  },
  night: {
    pending: '#b34a3e', unknown: '#b34a3e', assumed_friend: '#8a342b', friend: '#8a342b',
    neutral: '#8a342b', suspect: '#e06a5b', hostile: '#ff9a8c',
  },
}
/** For thin lines, which need more contrast with the map than fills do. */
export const LINE: Record<Theme, Record<Identity, string>> = {
  dark: FILL.dark,
  light: {
    pending: '#7a6400', unknown: '#7a6400', assumed_friend: '#0a64a4', friend: '#0a64a4',
    neutral: '#1d7a46', suspect: '#a34700', hostile: '#b3261e',
  },
  night: FILL.night,
}
const EDGE: Record<Theme, string> = { dark: '#060c12', light: '#13202c', night: '#080000' }
const OUTLINE: Record<Theme, string> = { dark: '#060c12', light: '#ffffff', night: '#080000' }

export interface Sprite { image: Surface; width: number; height: number; x: number; y: number; radius: number }

export class Sprites {
  private readonly made = new Map<number, Sprite>()
  constructor(private readonly look: { theme: Theme; ratio: number; exercise: boolean }) {}

  /** The picture of a track: `full` with its icon, else a small bare frame; `hollow` while it coasts. */
  get(identity: number, object_class: number, full: boolean, hollow: boolean): Sprite {
    const key = ((identity * 16 + object_class) * 2 + Number(full)) * 2 + Number(hollow)
    const known = this.made.get(key)
    if (known) return known
    const sprite = this.make(IDENTITIES[identity] ?? 'unknown', CLASSES[object_class] ?? 'unknown', full, hollow)
    this.made.set(key, sprite)
    return sprite
  }

  private make(identity: Identity, object_class: ObjectClass, full: boolean, hollow: boolean): Sprite {
    const { theme, ratio, exercise } = this.look
    const fill = FILL[theme][identity]
    const edge = EDGE[theme]
    const symbol = new ms.Symbol(symbolCode(identity, object_class, exercise), {
      size: full ? 19 : 8.5,
      icon: full,
      infoFields: false,
      civilianColor: false,
      ...(hollow ? { fill: false, monoColor: LINE[theme][identity] } : { fillColor: fill, frameColor: edge, iconColor: edge }),
      strokeWidth: full ? (hollow ? 9 : 6) : hollow ? 22 : 14,
      outlineColor: OUTLINE[theme],
      outlineWidth: full ? 6 : 14,
    })
    const image: Surface = typeof document === 'undefined' ? symbol.asOffscreenCanvas(ratio) : symbol.asCanvas(ratio)
    const anchor = symbol.getAnchor()
    const [width, height] = [image.width / ratio, image.height / ratio]
    return { image, width, height, x: anchor.x, y: anchor.y, radius: Math.max(width, height) / 2 }
  }
}

/** The same symbol as an image address, for lists. */
const urls = new Map<string, string>()
export function symbolUrl(identity: Identity, object_class: ObjectClass, theme: Theme, exercise = false): string {
  const key = `${identity} ${object_class} ${theme} ${exercise}`
  let url = urls.get(key)
  if (!url) {
    const edge = EDGE[theme]
    const svg = new ms.Symbol(symbolCode(identity, object_class, exercise), {
      size: 20, infoFields: false, civilianColor: false, fillColor: FILL[theme][identity],
      frameColor: edge, iconColor: edge, strokeWidth: 6,
      outlineColor: OUTLINE[theme], outlineWidth: 2,
    }).asSVG()
    url = 'data:image/svg+xml,' + encodeURIComponent(svg)
    urls.set(key, url)
  }
  return url
}
