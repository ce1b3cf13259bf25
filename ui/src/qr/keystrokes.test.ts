import { expect, test } from "vitest";
import { Keystrokes } from "./keystrokes.ts";

/** Types a text with a pause between the keys; gives what each key came to. */
function type(keys: string[], pause: number) {
  const keystrokes = new Keystrokes();
  return keys.map((key, index) => keystrokes.take(key, 1000 + index * pause));
}

test("a scanner's text is delivered at Enter", () => {
  const came = type([..."openid4vp://?a=b", "Enter"], 4);
  expect(came.at(-1)).toEqual({ scanned: "openid4vp://?a=b" });
});

test("capital letters come with Shift between them", () => {
  expect(type(["Shift", "H", "T", "Shift", "T", "P", "S", ":", "Enter"], 10).at(-1)).toEqual({
    scanned: "HTTPS:",
  });
});

test("the page acts on no key of a scan but the first", () => {
  expect(type([..."/ x", " "], 5)).toEqual(["leave", "swallow", "swallow", "swallow"]);
});

test("a person's typing is left alone", () => {
  expect(new Set(type([..."hello there", "Enter"], 120))).toEqual(new Set(["leave"]));
});

test("Enter alone, and after a rolled key or two, is a person's", () => {
  expect(type(["Enter"], 5)).toEqual(["leave"]);
  expect(type(["a", "s", "Enter"], 20).at(-1)).toBe("leave");
});

test("what a person typed before a scan is no part of it", () => {
  const keystrokes = new Keystrokes();
  keystrokes.take("x", 0);
  const came = [..."openid", "Enter"].map((key, index) => keystrokes.take(key, 500 + index * 5));
  expect(came.at(-1)).toEqual({ scanned: "openid" });
});
