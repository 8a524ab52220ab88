import 'maplibre-gl/dist/maplibre-gl.css'
import { Map as MapLibre, setWorkerUrl, type GeoJSONSource, type StyleSpecification } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import type { Base, BaseOptions } from './base'
import { hatch, zoneStyle, type Ground, type Zones } from './ground'
import type { Camera } from './mercator'
import { INKS, type Theme } from './theme'

setWorkerUrl(workerUrl)

const EMPTY: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }

function styleOf(theme: Theme, ground: Ground | null, zones: GeoJSON.FeatureCollection): StyleSpecification {
  const ink = INKS[theme]
  const of = (name: string): ['==', ['get', string], string] => ['==', ['get', 'draw'], name]
  const text = { 'text-halo-color': ink.halo, 'text-halo-width': 1.4 }
  return {
    version: 8, // and no `glyphs`: text is drawn from the page's own fonts
    sources: {
      land: { type: 'geojson', data: ground?.land ?? EMPTY, tolerance: 0.3, maxzoom: 9 },
      borders: { type: 'geojson', data: ground?.borders ?? EMPTY, tolerance: 0.3, maxzoom: 9 },
      names: { type: 'geojson', data: ground?.names ?? EMPTY, maxzoom: 9 },
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

export class GlBase implements Base {
  readonly kind = 'webgl'
  private readonly map: MapLibre
  private zones: GeoJSON.FeatureCollection = EMPTY
  private theme: Theme

  constructor(private readonly options: BaseOptions) {
    this.theme = options.theme
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
      canvasContextAttributes: { antialias: true, powerPreference: 'high-performance' },
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.on('style.load', () => this.addHatch())
    this.map.on('move', options.onMove)
    this.map.on('resize', options.onMove)
    this.map.on('click', (event) => options.onClick(event.point.x, event.point.y))
    this.map.on('mousemove', (event) => options.onHover(event.point.x, event.point.y))
    this.map.on('error', (event) => console.error('map:', event.error?.message ?? event))
  }

  private addHatch(): void {
    if (this.map.hasImage('hatch')) return
    const image = hatch(INKS[this.theme].disputed, 20)
    this.map.addImage('hatch', image.getContext('2d')!.getImageData(0, 0, 20, 20), { pixelRatio: 2 })
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.map.loaded() && !this.map.isMoving()) resolve()
      else void this.map.once('idle', () => resolve())
    })
  }

  camera(): Camera {
    const { lng, lat } = this.map.getCenter()
    const box = this.options.container
    return { longitude_deg: lng, latitude_deg: lat, zoom: this.map.getZoom(), width: box.clientWidth, height: box.clientHeight }
  }

  move(to: { longitude_deg: number; latitude_deg: number; zoom?: number }, animate: boolean): void {
    const target = { center: [to.longitude_deg, to.latitude_deg] as [number, number], zoom: to.zoom ?? this.map.getZoom() }
    if (animate && !this.options.reducedMotion) this.map.easeTo({ ...target, duration: 450 })
    else this.map.jumpTo(target)
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: this.options.reducedMotion ? 0 : 200 })
  }

  setTheme(theme: Theme): void {
    if (theme === this.theme) return
    this.theme = theme
    this.map.setStyle(styleOf(theme, this.options.ground, this.zones), { diff: false })
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

  resize(): void { this.map.resize() }
  destroy(): void { this.map.remove() }
}
