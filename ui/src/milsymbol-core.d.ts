export const ms: {
  addIcons(set: unknown): void
  Symbol: new (
    code: string,
    options?: Record<string, unknown>,
  ) => {
    asCanvas(ratio?: number): HTMLCanvasElement
    asOffscreenCanvas(ratio?: number): OffscreenCanvas
    asSVG(): string
    getAnchor(): { x: number; y: number }
    isValid(): boolean
  }
}
export const numberair: unknown
export const numberairmissile: unknown
