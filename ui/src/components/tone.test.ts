import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { playTone } from "./tone.ts";
import { VERDICT_ICON, type VerdictKind } from "./verdict.ts";

/** What was to be heard. */
interface Note {
  hertz: number;
  from: number;
  to: number;
  /** As loud as this at these times. */
  loudness: [number, number][];
  end(): void;
}

let notes: Note[];
let closed: number;
/** What the browser says of sound before and after it is asked to begin. */
let states: [AudioContextState, AudioContextState];

class Speaker {
  readonly currentTime = 2;
  readonly destination = {};
  state = states[0];

  async resume(): Promise<void> {
    this.state = states[1];
  }

  async close(): Promise<void> {
    closed += 1;
  }

  createGain() {
    const loudness: [number, number][] = [];
    const set = (value: number, at: number): void => void loudness.push([value, at]);
    return {
      loudness,
      gain: { setValueAtTime: set, linearRampToValueAtTime: set },
      connect: (to: unknown): unknown => to,
    };
  }

  createOscillator() {
    const note: Note = { hertz: 0, from: 0, to: 0, loudness: [], end: () => {} };
    const frequency = {
      set value(hertz: number) {
        note.hertz = hertz;
      },
    };
    notes.push(note);
    return {
      frequency,
      connect: (gain: ReturnType<Speaker["createGain"]>) => {
        note.loudness = gain.loudness;
        return gain;
      },
      start: (at: number) => (note.from = at),
      stop: (at: number) => (note.to = at),
      addEventListener: (_: string, ended: () => void) => (note.end = ended),
    };
  }
}

beforeEach(() => {
  notes = [];
  closed = 0;
  states = ["running", "running"];
  vi.stubGlobal("AudioContext", Speaker);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const heard = (): number[] => notes.map(({ hertz }) => hertz);
const rises = ([first = 0, last = 0]: number[]): number => Math.sign(last - first);

describe("the sound of a verdict", () => {
  test("M4 verifier: up for yes, down for no, level for neither, and no two the same", async () => {
    const sounds: number[][] = [];
    for (const [verdict, way] of [
      ["yes", 1],
      ["no", -1],
      ["could_not_check", 0],
    ] as [VerdictKind, number][]) {
      notes = [];
      await playTone(verdict);
      expect(heard(), verdict).toHaveLength(2);
      expect(rises(heard()), verdict).toBe(way);
      sounds.push(heard());
    }
    expect(new Set(sounds.map(String)).size).toBe(Object.keys(VERDICT_ICON).length);
  });

  test("one note after the other, each from silence to silence, and then the sound is given back", async () => {
    await playTone("yes");
    const [first, second] = notes;
    expect(first?.from).toBe(2);
    expect(second?.from).toBeGreaterThan(first?.to ?? Infinity);
    for (const { from, to, loudness } of notes) {
      expect([loudness.at(0), loudness.at(-1)]).toEqual([
        [0, from],
        [0, to],
      ]);
      expect(Math.max(...loudness.map(([value]) => value))).toBeGreaterThan(0);
    }
    expect(closed).toBe(0);
    second?.end();
    expect(closed).toBe(1);
  });

  test("a browser that waits for a click is asked, and when it stays silent nothing is played", async () => {
    states = ["suspended", "running"];
    await playTone("no");
    expect(notes).toHaveLength(2);
    notes = [];
    states = ["suspended", "suspended"];
    await playTone("no");
    expect(notes).toEqual([]);
    expect(closed).toBe(1);
  });

  test("without sound at all nothing fails", async () => {
    vi.stubGlobal("AudioContext", undefined);
    await expect(playTone("yes")).resolves.toBeUndefined();
  });
});
