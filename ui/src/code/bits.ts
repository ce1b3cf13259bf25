/** QR codes as rows of bits, the way services and the wallet hand them out: one row is whole bytes, 1 is dark. */

/** Light modules around a code. ISO/IEC 18004:2015 §6.3.8 */
const QUIET = 4;

/** Modules across a code with the quiet zone on both sides. */
export function across(side: number): number {
  return side + 2 * QUIET;
}

/** Whether a module is dark; the first of a row is the highest bit of its first byte. */
export function isDark(rows: Uint8Array, side: number, x: number, y: number): boolean {
  const byte = rows[y * Math.ceil(side / 8) + (x >> 3)] ?? 0;
  return (byte & (0x80 >> (x & 7))) !== 0;
}

/** Draws a code with its quiet zone, one pixel a module: the page enlarges it without blurring. */
export function drawCode(canvas: HTMLCanvasElement, rows: Uint8Array, side: number): void {
  const size = across(side);
  if (canvas.width !== size) canvas.width = size;
  if (canvas.height !== size) canvas.height = size;
  canvas.getContext("2d")?.putImageData(new ImageData(pixels(rows, side), size, size), 0, 0);
}

/** The pixels of a code with its quiet zone: black on white, all of it opaque. */
export function pixels(rows: Uint8Array, side: number): Uint8ClampedArray<ArrayBuffer> {
  const size = across(side);
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      if (!isDark(rows, side, x, y)) continue;
      const at = ((y + QUIET) * size + x + QUIET) * 4;
      data.fill(0, at, at + 3);
    }
  }
  return data;
}
