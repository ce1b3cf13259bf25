import { expect, test } from "vitest";
import type { Code } from "./decode.ts";
import { Seen } from "./seen.ts";

function code(text: string): Code {
  return { text, bytes: new TextEncoder().encode(text) };
}

test("a code is news once while it is in view", () => {
  const seen = new Seen();
  const came = [0, 100, 1400, 2800].map((now) => seen.isNews([code("a")], now));
  expect(came).toEqual([true, false, false, false]);
});

test("a code that left the view is news again", () => {
  const seen = new Seen();
  seen.isNews([code("a")], 0);
  expect(seen.isNews([code("a")], 1600)).toBe(true);
});

test("a second code beside the first is news", () => {
  const seen = new Seen();
  seen.isNews([code("a")], 0);
  expect(seen.isNews([code("a"), code("b")], 100)).toBe(true);
  expect(seen.isNews([code("b"), code("a")], 200)).toBe(false);
});

test("codes that read as the same text are told apart by their bytes", () => {
  const seen = new Seen();
  seen.isNews([{ text: "\ufffd", bytes: new Uint8Array([0x80]) }], 0);
  expect(seen.isNews([{ text: "\ufffd", bytes: new Uint8Array([0x81]) }], 10)).toBe(true);
});
