/** The loop from camera to codes: at most one picture is decoded at a time. */
import type { Code, Decode } from "./decode.ts";
import { Pixels } from "./picture.ts";
import { Seen } from "./seen.ts";

/** Where a text came from. */
export type Via = "camera" | "picture" | "film" | "paste" | "scanner";

/** Larger pictures find no more codes and take longer. */
export const LONGEST_SIDE = 1280;

/** Between two pictures the page must have time for everything else. */
const PAUSE_MS = 60;

/** Where codes change many times a second, no picture is let go by for longer than it must. */
export const SHORT_PAUSE_MS = 5;

/** Reads what a playing video shows until it is stopped. */
export function watch(
  video: HTMLVideoElement,
  decode: Decode,
  onfound: (codes: Code[]) => void,
  onfault: (error: unknown) => void,
  pauseMs: number = PAUSE_MS,
): () => void {
  const pixels = new Pixels(LONGEST_SIDE);
  const seen = new Seen();
  let stopped = false;

  async function look() {
    const picture = pixels.of(video, video.videoWidth, video.videoHeight);
    if (!picture) return;
    const codes = await decode(picture);
    if (!stopped && codes.length > 0 && seen.isNews(codes, performance.now())) onfound(codes);
  }

  async function run() {
    while (!stopped) {
      await look();
      await new Promise((done) => setTimeout(done, pauseMs));
    }
  }

  run().catch(onfault);
  return () => (stopped = true);
}
