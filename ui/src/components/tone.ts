/** Short tones for a verdict: up for yes, down for no, level for neither. */
import type { VerdictKind } from "./verdict.ts";

/** Hertz, one after the other. */
const NOTES: Record<VerdictKind, readonly number[]> = {
  yes: [587, 880],
  no: [330, 220],
  could_not_check: [440, 440],
};

const NOTE_S = 0.14;
const LOUDNESS = 0.18;

/** Plays the tone of a verdict; where the browser forbids sound before a click, there is none. */
export async function playTone(verdict: VerdictKind): Promise<void> {
  if (typeof AudioContext === "undefined") return;
  const audio = new AudioContext();
  if (audio.state === "suspended") {
    await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, 200))]);
  }
  if (audio.state !== "running") return audio.close();
  let last: OscillatorNode | undefined;
  for (const [index, frequency] of NOTES[verdict].entries()) {
    last = note(audio, frequency, audio.currentTime + index * NOTE_S * 1.3);
  }
  last?.addEventListener("ended", () => void audio.close());
}

function note(audio: AudioContext, frequency: number, at: number): OscillatorNode {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  gain.gain.linearRampToValueAtTime(0, at + NOTE_S);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + NOTE_S);
  return oscillator;
}
