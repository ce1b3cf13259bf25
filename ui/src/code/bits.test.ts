import { expect, test } from "vitest";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { across, isDark, pixels } from "./bits.ts";

/** A code of nine modules a side, two bytes a row: its first and last modules are dark. */
const SIDE = 9;
const ROWS = new Uint8Array(2 * SIDE);
ROWS[0] = 0x80;
ROWS[2 * SIDE - 1] = 0x80;

test("the first module is the highest bit of its row, and rows begin at whole bytes", () => {
  const dark = [];
  for (let y = 0; y < SIDE; y += 1)
    for (let x = 0; x < SIDE; x += 1) if (isDark(ROWS, SIDE, x, y)) dark.push([x, y]);
  expect(dark).toEqual([
    [0, 0],
    [8, 8],
  ]);
});

test("a drawing is black on white, opaque, with four light modules around", () => {
  const size = across(SIDE);
  expect(size).toBe(17);
  const drawn = pixels(ROWS, SIDE);
  expect(drawn.length).toBe(size * size * 4);
  const pixel = (x: number, y: number) => [...drawn.slice((y * size + x) * 4, (y * size + x) * 4 + 4)];
  expect(pixel(4, 4)).toEqual([0, 0, 0, 255]);
  expect(pixel(12, 12)).toEqual([0, 0, 0, 255]);
  for (const [x, y] of [
    [3, 3],
    [5, 4],
    [13, 13],
    [0, 16],
  ] as const)
    expect(pixel(x, y)).toEqual([255, 255, 255, 255]);
});

test("bytes go through text and come back", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
  expect(toBase64url(bytes)).not.toMatch(/[+/=]/);
  expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
  expect(toBase64url(new Uint8Array([0xfb, 0xff]))).toBe("-_8");
  expect(() => fromBase64url("ab!d")).toThrow();
});
