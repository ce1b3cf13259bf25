import { expect, test } from "vitest";
import { cardColours, contrast, parseColour, type Rgb, TEXT_CONTRAST } from "./contrast.ts";

function rgb(text: string): Rgb {
  const parsed = parseColour(text);
  if (!parsed) throw new Error(`${text} is no colour`);
  return parsed;
}

test("black on white is 21, a colour on itself 1", () => {
  expect(contrast(rgb("#000"), rgb("#fff"))).toBeCloseTo(21, 5);
  expect(contrast(rgb("#0e4d57"), rgb("#0e4d57"))).toBe(1);
});

test("the known grey of 4.48 is not enough, the next one is", () => {
  expect(contrast(rgb("#777777"), rgb("#ffffff"))).toBeLessThan(TEXT_CONTRAST);
  expect(contrast(rgb("#767676"), rgb("#ffffff"))).toBeGreaterThanOrEqual(TEXT_CONTRAST);
});

test("only hexadecimal colours are read", () => {
  expect(parseColour("#abc")).toEqual([170, 187, 204]);
  for (const text of ["tomato", "#12345", "#1234567", "url(x)", "", null, undefined]) {
    expect(parseColour(text)).toBeNull();
  }
});

test("an issuer's colours stay where they can be read", () => {
  expect(cardColours("#4a3b6b", "#ffffff")).toMatchObject({
    background: "#4a3b6b",
    text: "#ffffff",
    overlaid: false,
  });
});

test("a text colour that cannot be read is replaced", () => {
  expect(cardColours("#f4c542", "#ffffff")).toMatchObject({ background: "#f4c542", overlaid: false });
  expect(cardColours("#f4c542", "#ffffff").text).not.toBe("#ffffff");
});

test("a ground on which neither white nor ink can be read is laid over", () => {
  expect(cardColours("#7b7b7b").overlaid).toBe(true);
});

test("no colour at all gives our own", () => {
  expect(cardColours(null, null)).toEqual(cardColours("nonsense", "nonsense"));
});

test("whatever the issuer chose, text on ground and art is readable", () => {
  const steps = [0, 51, 102, 119, 153, 204, 255];
  for (const red of steps) {
    for (const green of steps) {
      for (const blue of steps) {
        const ground = `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
        for (const wanted of [null, "#888888", "#ffffff", "#000000"]) {
          const { background, text, art } = cardColours(ground, wanted);
          expect(contrast(rgb(background), rgb(text)), ground).toBeGreaterThanOrEqual(TEXT_CONTRAST);
          expect(contrast(rgb(art), rgb(text)), ground).toBeGreaterThanOrEqual(TEXT_CONTRAST);
        }
      }
    }
  }
});
