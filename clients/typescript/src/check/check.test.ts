import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clock, phaseOf } from "./progress.ts";
import { LANGUAGES, wordsIn } from "./words.ts";

const started = { request_uri: "openid4vp://x", qr_svg: "<svg/>", expires_at: 0 };

test.each([
  [undefined, undefined, false, "loading"],
  [started, undefined, false, "code"],
  [started, { state: "open" }, false, "code"],
  [started, { state: "scanned" }, false, "waiting"],
  [started, { state: "answered", verdict: "yes" }, false, "verdict"],
  [started, { state: "refused", verdict: "could_not_check" }, false, "verdict"],
  [started, { state: "expired" }, false, "expired"],
  [undefined, undefined, true, "error"],
  // An answer without a verdict is none: unknown is never yes.
  [started, { state: "answered" }, false, "code"],
] as const)("%o %o %s: %s", (code, state, failed, phase) => {
  expect(phaseOf(code, state, failed)).toBe(phase);
});

test("time is told in minutes and seconds", () => {
  expect([clock(245.9), clock(9), clock(-3)]).toEqual(["4:05", "0:09", "0:00"]);
});

test.each(LANGUAGES)("every word is there in %s", (language) => {
  const words = wordsIn(language);
  expect(Object.keys(words)).toEqual(Object.keys(wordsIn("en")));
  for (const word of Object.values(words)) expect(word.trim()).not.toBe("");
  expect(words.left).toContain("{time}");
});

test("another language is told in English", () => {
  expect(wordsIn("it")).toBe(wordsIn("en"));
  expect(wordsIn("de-CH")).toBe(wordsIn("de"));
});

test("nothing stands inline, so that a strict policy lets it run", () => {
  const source = readFileSync(join(import.meta.dirname, "element.ts"), "utf8");
  for (const inline of [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    ".style.",
    "<style",
    "eval(",
    "onclick",
  ])
    expect(source).not.toContain(inline);
});
