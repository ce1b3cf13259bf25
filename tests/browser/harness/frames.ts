/** A message in many codes, as a camera sees it: a film of them, some of which are lost. docs/offline-qr.md §4 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { prepareZXingModule, readBarcodes, writeBarcode } from "zxing-wasm/full";
import { run } from "./processes.ts";
import { ROOT } from "./site.ts";

const WASM = createRequire(import.meta.url).resolve("zxing-wasm/full/zxing_full.wasm");

/** Light modules around a code. */
const QUIET = 4;

/** An answer of a wallet, whole: any `needed` of its frames are enough. */
export interface Shown {
  needed: number;
  frames: Buffer[];
}

/** The answer of the fixed examples, which a wallet made. */
export function fixedAnswer(): Shown {
  const file = join(ROOT, "crates/proximity/tests/vectors/showing.json");
  const { answer } = JSON.parse(readFileSync(file, "utf8")) as {
    answer: { shown: { needed: number; frames: string[] } };
  };
  const { needed, frames } = answer.shown;
  return { needed, frames: frames.map((frame) => Buffer.from(frame, "hex")) };
}

/** A code without its quiet zone: a byte for each module, 0 is dark. */
interface Modules {
  side: number;
  data: Uint8ClampedArray;
}

let ready: Promise<unknown> | undefined;

/** Loads the library that writes and reads codes, once. */
async function prepare(): Promise<void> {
  ready ??= load();
  await ready;
}

function load(): Promise<unknown> {
  const { buffer, byteOffset, byteLength } = readFileSync(WASM);
  const wasmBinary = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  return prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}

/** The code of a frame: version 15 with error correction L in byte mode. */
async function modulesOf(frame: Uint8Array): Promise<Modules> {
  await prepare();
  const { symbol, error } = await writeBarcode(frame, { format: "QRCode", options: "ecLevel=L,eci=-1" });
  if (error) throw new Error(error);
  return { side: symbol.width, data: symbol.data };
}

/** The code of a frame as rows of bits, in base64url: what the service tells a page to show. */
export async function rowsOf(frame: Uint8Array): Promise<{ side: number; rows: string }> {
  const { side, data } = await modulesOf(frame);
  const wide = Math.ceil(side / 8);
  const rows = Buffer.alloc(wide * side);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1)
      if (data[y * side + x] === 0) rows[y * wide + (x >> 3)]! |= 0x80 >> (x & 7);
  return { side, rows: rows.toString("base64url") };
}

/** What the codes on a picture hold, byte for byte. */
export async function bytesOn(picture: Buffer): Promise<string[]> {
  await prepare();
  const found = await readBarcodes(new Uint8Array(picture), { formats: ["QRCode"], tryHarder: true });
  return found.filter(({ isValid }) => isValid).map(({ bytes }) => Buffer.from(bytes).toString("hex"));
}

/** Brightness of a picture, byte by byte. */
interface Grey {
  width: number;
  height: number;
  light: Buffer;
}

function table(width: number, height: number): Grey {
  return { width, height, light: Buffer.alloc(width * height, 128) };
}

/** Puts a code on a picture, its quiet zone beginning at a place. */
function lay(on: Grey, { side, data }: Modules, left: number, top: number, module: number): void {
  const size = (side + 2 * QUIET) * module;
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const [column, row] = [Math.floor(x / module) - QUIET, Math.floor(y / module) - QUIET];
      const inside = column >= 0 && row >= 0 && column < side && row < side;
      const dark = inside && data[row * side + column] === 0;
      on.light[(top + y) * on.width + left + x] = dark ? 16 : 235;
    }
  }
}

/** What is lost of a film: so many of a hundred pictures show the table; and with which frame it begins. */
export interface Seen {
  lost?: number;
  from?: number;
}

/** A film that shows each frame once, eight a second: 640 by 480 pixels, as a camera file of Chromium. */
export async function film(
  folder: string,
  name: string,
  frames: readonly Uint8Array[],
  { lost = 0, from = 0 }: Seen = {},
): Promise<string> {
  const [width, height, module] = [640, 480, 5];
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${width} H${height} F8:1 Ip A1:1 C420jpeg\n`)];
  const colourless = Buffer.alloc((width * height) / 2, 128);
  for (let at = 0; at < frames.length; at += 1) {
    const picture = table(width, height);
    const modules = await modulesOf(frames[(from + at) % frames.length]!);
    const size = (modules.side + 2 * QUIET) * module;
    // The same pictures of every ten are lost each time.
    if ((at * 7) % 10 >= lost / 10)
      lay(picture, modules, Math.floor((width - size) / 2), Math.floor((height - size) / 2), module);
    parts.push(Buffer.from("FRAME\n"), picture.light, colourless);
  }
  const path = join(folder, `${name}.y4m`);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** The same film as a telephone would send it. */
export async function webm(path: string): Promise<Buffer> {
  const out = path.replace(/\.y4m$/, ".webm");
  await ffmpeg(["-i", path, "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "4M", out]);
  return readFileSync(out);
}

/** A picture with some frames beside and below each other, as on a sheet of paper. */
export async function sheet(folder: string, name: string, frames: readonly Uint8Array[]): Promise<Buffer> {
  const codes = await Promise.all(frames.map(modulesOf));
  const module = 4;
  const size = ((codes[0]?.side ?? 0) + 2 * QUIET) * module;
  const columns = Math.min(2, codes.length);
  const picture = table(columns * size, Math.ceil(codes.length / columns) * size);
  codes.forEach((code, at) =>
    lay(picture, code, (at % columns) * size, Math.floor(at / columns) * size, module),
  );
  const [grey, out] = [join(folder, `${name}.pgm`), join(folder, `${name}.png`)];
  writeFileSync(
    grey,
    Buffer.concat([Buffer.from(`P5 ${picture.width} ${picture.height} 255\n`), picture.light]),
  );
  await ffmpeg(["-i", grey, out]);
  return readFileSync(out);
}

async function ffmpeg(steps: string[]): Promise<void> {
  const made = await run("ffmpeg", ["-y", "-loglevel", "error", ...steps]);
  if (made.code !== 0) throw new Error(made.out);
}
