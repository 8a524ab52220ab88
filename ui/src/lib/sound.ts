/** A short rising pair of tones for a new incident: told apart from any telephone, never a siren. */

const TONES_HZ = [660, 880]
const TONE_S = 0.16
let context: AudioContext | null = null

/** Play it. A browser that has heard no click of a person stays silent; what is on screen is the alert. */
export function chime(): void {
  try {
    context ??= new AudioContext()
    void context.resume()
    TONES_HZ.forEach((hertz, k) => {
      const [tone, gain, at] = [context!.createOscillator(), context!.createGain(), context!.currentTime + k * TONE_S * 1.2]
      tone.frequency.value = hertz
      gain.gain.setValueAtTime(0, at)
      gain.gain.linearRampToValueAtTime(0.18, at + 0.02)
      gain.gain.linearRampToValueAtTime(0, at + TONE_S)
      tone.connect(gain).connect(context!.destination)
      tone.start(at)
      tone.stop(at + TONE_S)
    })
  } catch {
    // no sound on this machine
  }
}
