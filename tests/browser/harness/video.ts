/** What the browser's camera sees: a still picture of a code, as a video. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/full";
import { run } from "./processes.ts";

const WASM = createRequire(import.meta.url).resolve("zxing-wasm/full/zxing_full.wasm");

/** How the code is held. */
export type Held = "clean" | "turned" | "blurred";

/** Size on a picture of 640 by 480, and what is done to it; a turned code must not lose its corners. */
const HELD: Record<Held, { size: number; filter: string }> = {
  clean: { size: 460, filter: "" },
  turned: { size: 350, filter: ",rotate=0.35:fillcolor=gray" },
  blurred: { size: 460, filter: ",gblur=sigma=1.2" },
};

/** A video of a code; without a text, of an empty table. */
export async function video(
  folder: string,
  name: string,
  text: string | null,
  held: Held = "clean",
): Promise<string> {
  const picture = join(folder, `${name}.png`);
  const out = join(folder, `${name}.y4m`);
  const input = text === null ? ["-f", "lavfi", "-i", "color=gray:s=640x480"] : ["-loop", "1", "-i", picture];
  if (text !== null) writeFileSync(picture, await png(text));
  const { size, filter: spoiled } = HELD[held];
  const placed = `scale=${size}:${size}:flags=neighbor,pad=640:480:(ow-iw)/2:(oh-ih)/2:color=gray`;
  const filter = `${text === null ? "null" : placed}${spoiled},format=yuv420p`;
  const made = await run("ffmpeg", [
    "-y",
    "-loglevel",
    "error",
    ...input,
    "-vf",
    filter,
    "-t",
    "1",
    "-r",
    "10",
    out,
  ]);
  if (made.code !== 0) throw new Error(made.out);
  return out;
}

/** A picture with most of its code painted over. */
export function damaged(folder: string, name: string, picture: Uint8Array): Promise<Uint8Array> {
  return filtered(folder, name, [picture], "drawbox=x=0:y=0:w=iw*0.6:h=ih*0.6:color=gray:t=fill");
}

/** Two codes on one picture, some way from each other. */
export function beside(
  folder: string,
  name: string,
  left: Uint8Array,
  right: Uint8Array,
): Promise<Uint8Array> {
  const roomy = "pad=iw+80:ih+80:40:40:color=white";
  return filtered(folder, name, [left, right], `[0]${roomy}[a];[1]${roomy}[b];[a][b]hstack`);
}

async function filtered(
  folder: string,
  name: string,
  pictures: Uint8Array[],
  filter: string,
): Promise<Uint8Array> {
  const inputs = pictures.flatMap((picture, at) => {
    const path = join(folder, `${name}-${at}.png`);
    writeFileSync(path, picture);
    return ["-i", path];
  });
  const out = join(folder, `${name}.png`);
  const made = await run("ffmpeg", ["-y", "-loglevel", "error", ...inputs, "-filter_complex", filter, out]);
  if (made.code !== 0) throw new Error(made.out);
  return readFileSync(out);
}

/** A picture of a code. */
export async function png(text: string): Promise<Uint8Array> {
  const binary = readFileSync(WASM);
  const wasmBinary = binary.buffer.slice(
    binary.byteOffset,
    binary.byteOffset + binary.byteLength,
  ) as ArrayBuffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  const { image, error } = await writeBarcode(text, {
    format: "QRCode",
    scale: 4,
    ...(text.length > 2_300 ? { options: "ecLevel=L" } : {}),
  });
  if (!image) throw new Error(error);
  return new Uint8Array(await image.arrayBuffer());
}
