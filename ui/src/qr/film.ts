/** Reads the codes of a film: every picture of it that could show another one. */
import type { Code, Decode } from "./decode.ts";
import { Pixels } from "./picture.ts";
import { LONGEST_SIDE } from "./reader.ts";

/** Between two pictures that are looked at: codes change at most 12 times a second. */
const STEP_S = 0.04;

/** Further than any film goes. */
const BEYOND_S = 1e6;

/** Who is told what, and what ends it. */
export interface Watching {
  onfound: (codes: Code[]) => void;
  /** How much of the film was read, from 0 to 1. */
  onshare: (share: number) => void;
  signal: AbortSignal;
}

/**
 * Goes through a film from its beginning to its end, as fast as the device can. Fails where the browser
 * cannot play it; ends early, without a fault, at the signal.
 */
export async function readFilm(film: Blob, decode: Decode, watching: Watching): Promise<void> {
  const { signal } = watching;
  const video = document.createElement("video");
  const url = URL.createObjectURL(film);
  video.muted = true;
  video.playsInline = true;
  video.preload = "auto";
  try {
    await until(video, "loadeddata", () => (video.src = url), signal);
    const length = await lengthOf(video, signal);
    const pixels = new Pixels(LONGEST_SIDE);
    for (let at = 0; at < length && !signal.aborted; at += STEP_S) {
      await until(video, "seeked", () => (video.currentTime = at), signal);
      const picture = pixels.of(video, video.videoWidth, video.videoHeight);
      const codes = picture ? await decode(picture) : [];
      if (signal.aborted) return;
      if (codes.length > 0) watching.onfound(codes);
      watching.onshare(Math.min(1, at / length));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  }
}

/** Seconds of a film. One that was recorded in a browser does not know its own length before it was at its end. */
async function lengthOf(video: HTMLVideoElement, signal: AbortSignal): Promise<number> {
  if (Number.isFinite(video.duration)) return video.duration;
  await until(video, "seeked", () => (video.currentTime = BEYOND_S), signal);
  return Number.isFinite(video.duration) ? video.duration : video.currentTime;
}

/** Does something to a film and waits for what comes of it. */
function until(
  video: HTMLVideoElement,
  event: "loadeddata" | "seeked",
  act: () => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((done, fail) => {
    const over = new AbortController();
    const once = { once: true, signal: over.signal };
    const end = (how: () => void) => () => {
      over.abort();
      how();
    };
    video.addEventListener(
      event,
      end(() => done()),
      once,
    );
    const failed = end(() => fail(new Error("the film does not play")));
    video.addEventListener("error", failed, once);
    signal.addEventListener("abort", failed, once);
    if (signal.aborted) failed();
    else act();
  });
}
