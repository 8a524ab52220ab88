import 'maplibre-gl/dist/maplibre-gl.css'
import { Map as MapLibre, setWorkerUrl, type GeoJSONSource, type StyleSpecification } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { sizeOf, type Base, type BaseOptions } from './base'
import { airport, AIRPORT_SIZE, hatch, zoneStyle, type Ground, type Zones } from './ground'
import type { LayerName, Layers } from './layers'
import type { Camera } from './mercator'
import { INKS } from './inks'
import type { Theme } from './theme'

setWorkerUrl(workerUrl)

const EMPTY: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }

function styleOf(theme: Theme, ground: Ground | null, zones: GeoJSON.FeatureCollection): StyleSpecification {
  const ink = INKS[theme]
  const of = (name: string): ['==', ['get', string], string] => ['==', ['get', 'draw'], name]
  const text = { 'text-halo-color': ink.halo, 'text-halo-width': 1.4 }
  return {
    version: 8, // and no `glyphs`: text is drawn from the page's own fonts
    sources: {
      land: { type: 'geojson', data: ground?.land.landFeature() ?? EMPTY, tolerance: 0.3, maxzoom: 9 },
      borders: { type: 'geojson', data: ground?.land.borderFeatures() ?? EMPTY, tolerance: 0.3, maxzoom: 9 },
      names: { type: 'geojson', data: ground?.names ?? EMPTY, maxzoom: 9 },
      airports: { type: 'geojson', data: ground?.airports ?? EMPTY, maxzoom: 9 },
      zones: { type: 'geojson', data: zones, tolerance: 0.2, maxzoom: 12 },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': ink.sea } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': ink.land, 'fill-antialias': false } },
      { id: 'coast', type: 'line', source: 'land', paint: { 'line-color': ink.coast, 'line-width': ['interpolate', ['linear'], ['zoom'], 3, 0.6, 8, 1.1] } },
      {
        id: 'border', type: 'line', source: 'borders', filter: ['==', ['get', 'kind'], 'settled'],
        paint: { 'line-color': ink.border, 'line-width': 0.9, 'line-opacity': ['interpolate', ['linear'], ['zoom'], 6, 0.9, 8.5, 0.35] },
      },
      {
        id: 'border-contested', type: 'line', source: 'borders', filter: ['==', ['get', 'kind'], 'contested'],
        paint: { 'line-color': ink.border, 'line-width': 0.9, 'line-dasharray': [3, 3] },
      },
      { id: 'member-fill', type: 'fill', source: 'zones', filter: of('member'), paint: { 'fill-color': ink.memberFill, 'fill-antialias': false } },
      { id: 'neighbour-fill', type: 'fill', source: 'zones', filter: of('neighbour'), paint: { 'fill-color': ink.neighbourFill, 'fill-antialias': false } },
      { id: 'disputed-fill', type: 'fill', source: 'zones', filter: of('disputed'), paint: { 'fill-pattern': 'hatch' } },
      { id: 'neighbour-line', type: 'line', source: 'zones', filter: of('neighbour'), paint: { 'line-color': ink.neighbour, 'line-width': 1, 'line-dasharray': [6, 2, 1, 2] } },
      { id: 'member-line', type: 'line', source: 'zones', filter: of('member'), layout: { 'line-join': 'round' }, paint: { 'line-color': ink.member, 'line-width': ['interpolate', ['linear'], ['zoom'], 3, 0.9, 8, 1.7] } },
      { id: 'disputed-line', type: 'line', source: 'zones', filter: of('disputed'), paint: { 'line-color': ink.disputed, 'line-width': 1.1, 'line-dasharray': [3, 3] } },
      { id: 'zone-line', type: 'line', source: 'zones', filter: of('zone'), paint: { 'line-color': ink.zone, 'line-width': 1.2, 'line-dasharray': [4, 1.5] } },
      {
        id: 'cities', type: 'symbol', source: 'names',
        filter: ['all', ['==', ['get', 'kind'], 'city'], ['>=', ['zoom'], ['get', 'from']]],
        layout: {
          'text-field': ['get', 'name'], 'text-font': ['B612'], 'text-size': ['case', ['get', 'capital'], 12, 11], 'text-padding': 14,
          'symbol-sort-key': ['-', 0, ['get', 'weight']],
        },
        paint: { ...text, 'text-color': ink.city },
      },
      {
        id: 'airports', type: 'symbol', source: 'airports', filter: ['>=', ['zoom'], ['get', 'from']],
        layout: {
          'icon-image': 'airport', 'icon-allow-overlap': true, 'text-field': ['get', 'icao'], 'text-font': ['B612'], 'text-size': 10,
          'text-anchor': 'left', 'text-offset': [0.7, 0], 'text-optional': true,
        },
        paint: { ...text, 'text-color': ink.city },
      },
      {
        id: 'countries', type: 'symbol', source: 'names', maxzoom: 7.5,
        filter: ['all', ['==', ['get', 'kind'], 'country'], ['>=', ['zoom'], ['get', 'from']]],
        layout: {
          'text-field': ['get', 'name'], 'text-font': ['B612'], 'text-size': 12, 'text-letter-spacing': 0.22, 'text-transform': 'uppercase', 'text-padding': 8,
          'symbol-sort-key': ['-', 0, ['get', 'weight']],
        },
        paint: { ...text, 'text-color': ink.country },
      },
    ],
  }
}

/** Which layers of the style belong to which of ours; the rest is always drawn. */
const DRAWN: Partial<Record<LayerName, string[]>> = {
  member: ['member-fill', 'member-line'],
  neighbour: ['neighbour-fill', 'neighbour-line'],
  disputed: ['disputed-fill', 'disputed-line'],
  zone: ['zone-line'],
  names: ['cities', 'countries'],
  airports: ['airports'],
}

type Painting = Parameters<MapLibre['setPaintProperty']>

export class GlBase implements Base {
  readonly kind = 'webgl'
  private readonly map: MapLibre
  private zones: GeoJSON.FeatureCollection = EMPTY
  private theme: Theme
  private layers: Layers
  private size: { width: number; height: number }

  constructor(private readonly options: BaseOptions) {
    this.theme = options.theme
    this.layers = options.layers
    this.size = sizeOf(options.container)
    const { start } = options
    this.map = new MapLibre({
      container: options.container,
      style: styleOf(this.theme, options.ground, EMPTY),
      center: [start.longitude_deg, start.latitude_deg],
      zoom: start.zoom,
      minZoom: 1,
      maxZoom: 13,
      fadeDuration: options.reducedMotion ? 0 : 150,
      attributionControl: false, // the page shows it itself
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      pixelRatio: (window.devicePixelRatio || 1) * options.scale,
      canvasContextAttributes: { antialias: true, powerPreference: 'high-performance' },
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.on('style.load', () => { this.addImages(); this.switchLayers() })
    this.map.on('move', options.onMove)
    this.map.on('resize', options.onMove)
    this.map.on('click', (event) => options.onClick(event.point.x, event.point.y))
    this.map.on('mousemove', (event) => options.onHover(event.point.x, event.point.y))
    this.map.on('error', (event) => console.error('map:', event.error?.message ?? event))
  }

  private addImages(): void {
    const ink = INKS[this.theme]
    const add = (name: string, image: HTMLCanvasElement, pixelRatio: number): void => {
      const data = image.getContext('2d')!.getImageData(0, 0, image.width, image.height)
      if (this.map.hasImage(name)) this.map.updateImage(name, data)
      else this.map.addImage(name, data, { pixelRatio })
    }
    add('hatch', hatch(ink.disputed, 20), 2)
    add('airport', airport(ink.city, ink.halo, AIRPORT_SIZE * 4), 4)
  }

  /** In the inks of the theme: what is drawn stays as it is, and is not sent to the worker again. */
  private ink(): void {
    this.addImages()
    for (const layer of styleOf(this.theme, null, EMPTY).layers)
      for (const [name, value] of Object.entries(layer.paint ?? {}) as [Painting[1], Painting[2]][])
        this.map.setPaintProperty(layer.id, name, value)
  }

  private switchLayers(): void {
    for (const [name, layers] of Object.entries(DRAWN) as [LayerName, string[]][])
      for (const layer of layers)
        if (this.map.getLayer(layer)) this.map.setLayoutProperty(layer, 'visibility', this.layers[name] ? 'visible' : 'none')
  }

  setLayers(layers: Layers): void {
    this.layers = layers
    if (this.map.isStyleLoaded()) this.switchLayers()
    else void this.map.once('idle', () => this.switchLayers())
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.map.loaded() && !this.map.isMoving()) resolve()
      else void this.map.once('idle', () => resolve())
    })
  }

  camera(): Camera {
    const { lng, lat } = this.map.getCenter()
    return { longitude_deg: lng, latitude_deg: lat, zoom: this.map.getZoom(), ...this.size }
  }

  move(to: { longitude_deg: number; latitude_deg: number; zoom?: number }, animate: boolean): void {
    const target = { center: [to.longitude_deg, to.latitude_deg] as [number, number], zoom: to.zoom ?? this.map.getZoom() }
    if (animate && !this.options.reducedMotion) this.map.easeTo({ ...target, duration: 450 })
    else this.map.jumpTo(target)
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: this.options.reducedMotion ? 0 : 200 })
  }

  setTheme(theme: Theme, scale: number): void {
    const ratio = (window.devicePixelRatio || 1) * scale
    if (ratio !== this.map.getPixelRatio()) this.map.setPixelRatio(ratio)
    if (theme === this.theme) return
    this.theme = theme
    if (this.map.isStyleLoaded()) this.ink()
    else void this.map.once('idle', () => this.ink())
  }

  setZones(zones: Zones): void {
    this.zones = {
      type: 'FeatureCollection',
      features: zones.features.map((f) => ({ ...f, properties: { ...f.properties, draw: zoneStyle(f.properties) } })),
    }
    const put = (): void => { void this.map.getSource<GeoJSONSource>('zones')?.setData(this.zones) }
    if (this.map.getSource('zones')) put()
    else void this.map.once('style.load', put)
  }

  resize(): void {
    this.size = sizeOf(this.options.container)
    this.map.resize()
  }
  destroy(): void { this.map.remove() }
}
