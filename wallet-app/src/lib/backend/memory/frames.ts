/** Codes that are drawn and hold nothing: the finders of real ones, and noise that is always the same. */
import { toBase64url } from "@holdfast/ui/bytes";
import type { ShownAnswer } from "../types";

/** Modules of a side of version 15. ISO/IEC 18004 */
const SIDE = 77;
const FINDER = 7;

/** As an answer of this many parts would look. */
export function drawnAnswer(needed: number, expiresAt: number): ShownAnswer {
  const frames = Array.from({ length: needed + 32 }, (_, at) => toBase64url(drawn(at + 1)));
  return { side: SIDE, frames, needed, expiresAt };
}

function drawn(seed: number): Uint8Array {
  const row = Math.ceil(SIDE / 8);
  const bits = new Uint8Array(row * SIDE);
  let noise = seed;
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      noise = (noise * 48_271) % 2_147_483_647;
      const at = y * row + (x >> 3);
      if (finderAt(x, y) ?? noise % 2 === 0) bits[at] = (bits[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return bits;
}

/** Whether a module of the three finders, or of the light around them, is dark; nothing of any other. */
function finderAt(x: number, y: number): boolean | undefined {
  const corners = [
    [x, y],
    [SIDE - 1 - x, y],
    [x, SIDE - 1 - y],
  ] as const;
  const inside = corners.find(([across, down]) => across <= FINDER && down <= FINDER);
  if (!inside) return undefined;
  const fromMiddle = Math.max(...inside.map((place) => Math.abs(place - 3)));
  return fromMiddle !== 2 && fromMiddle !== 4;
}
