/** What a camera sees of a wallet's answer: its pictures as a film, some of them lost. */
import { copyFileSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { run } from "./processes.ts";

/** How many pictures are shown in a second. */
export const RATE = 8;
/** The wallet's codes are drawn with this many pixels a module: 425 across, on a picture of 640 by 480. */
export const DENSITY = 5;
const SIDE = (77 + 2 * 4) * DENSITY;
/** So often all codes are shown; then the film begins again. */
const ROUNDS = 2;

/** How the camera sees it. */
export interface Seeing {
  /** Of a hundred pictures so many show nothing. */
  lost: number;
  /** The code that is shown first to whoever looks. */
  from: number;
}

/** A film on which nobody shows anything. */
export async function emptyFilm(path: string): Promise<void> {
  await ffmpeg("-f", "lavfi", "-i", `color=gray:s=640x480:r=${RATE}`, "-t", "1", "-pix_fmt", "yuv420p", path);
}

/** Makes the film of a folder of pictures, in the place of the one at `path`. */
export async function answerFilm(
  folder: string,
  pictures: string,
  path: string,
  { lost, from }: Seeing,
): Promise<void> {
  const order = join(folder, "order");
  mkdirSync(order, { recursive: true });
  const nothing = join(folder, "nothing.png");
  const still = ["-frames:v", "1", "-pix_fmt", "gray"];
  await ffmpeg("-f", "lavfi", "-i", `color=gray:s=${SIDE}x${SIDE}`, ...still, nothing);
  const names = readdirSync(pictures).sort();
  for (let at = 0; at < names.length * ROUNDS; at += 1) {
    const name = names[(from + at) % names.length]!;
    // Spread over every ten, and others in the next round, unless the number of codes is a multiple of ten.
    const picture = (at * 7) % 10 < lost / 10 ? nothing : join(pictures, name);
    copyFileSync(picture, join(order, `${String(at).padStart(4, "0")}.png`));
  }
  const made = join(folder, "made.y4m");
  const placed = "pad=640:480:(ow-iw)/2:(oh-ih)/2:color=gray,format=yuv420p";
  await ffmpeg("-framerate", String(RATE), "-i", join(order, "%04d.png"), "-vf", placed, made);
  renameSync(made, path);
}

async function ffmpeg(...steps: string[]): Promise<void> {
  const { code, out } = await run("ffmpeg", ["-y", "-loglevel", "error", ...steps]);
  if (code !== 0) throw new Error(out);
}
