/** The loop from camera to codes: at most one picture is decoded at a time. */
import type { Code, Decode } from "./decode.ts";
import { Seen } from "./seen.ts";

/** Where a text came from. */
export type Via = "camera" | "picture" | "paste" | "scanner";

/** Larger pictures find no more codes and take longer. */
const LONGEST_SIDE = 1280;

/** Between two pictures the page must have time for everything else. */
const PAUSE_MS = 60;

/** Reads what a playing video shows until it is stopped. */
export function watch(
  video: HTMLVideoElement,
  decode: Decode,
  onfound: (codes: Code[]) => void,
  onfault: (error: unknown) => void,
): () => void {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const seen = new Seen();
  let stopped = false;

  async function look() {
    const picture = context && takePicture(video, canvas, context);
    if (!picture) return;
    const codes = await decode(picture);
    if (!stopped && codes.length > 0 && seen.isNews(codes, performance.now())) onfound(codes);
  }

  async function run() {
    while (!stopped) {
      await look();
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }

  run().catch(onfault);
  return () => (stopped = true);
}

function takePicture(
  video: HTMLVideoElement,
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
): ImageData | undefined {
  const { videoWidth, videoHeight } = video;
  if (video.readyState < video.HAVE_CURRENT_DATA || videoWidth === 0) return undefined;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
