import { LANGUAGES, setLanguage } from "@holdfast/ui/messages";
import { expect, test } from "vitest";
import { heldLines, heldWarnings } from "./held.ts";
import "./messages.ts";
import type { Held } from "./types.ts";

const HELD: Held = {
  kiosk: true,
  now: 1_795_176_000,
  clock: { wrong: false, behind_s: 0 },
  ledger: { organisations: 1, at: 1_795_175_000, age_s: 1_020 },
  lists: { held: 3, age_s: 900 },
  landmarks: [],
  registered: { standing: "active", age_s: 1_000 },
  split: false,
};

/** It may ask, as far as anything is known of it. */
const ACTIVE: Held["registered"] = { standing: "active" };

test("a business that may not ask is told so, whatever is held of it", () => {
  setLanguage("en");
  for (const standing of ["suspended", "waiting"] as const) {
    for (const registered of [{ standing, age_s: 60 }, { standing }]) {
      const codes = heldWarnings({ ...HELD, registered }).map(({ code }) => code);
      expect(codes).toEqual([standing]);
    }
  }
});

test.each(LANGUAGES)("why a business may not ask is said, in %s", (language) => {
  setLanguage(language);
  for (const standing of ["suspended", "waiting"] as const) {
    const [said] = heldWarnings({ ...HELD, registered: { standing } });
    expect(said?.title).toMatch(/^\p{L}[^!{}.]*$/u);
    expect(said?.text).toMatch(/^\p{L}[^!{}]*\.$/u);
  }
});

test("what is held is told with its age, and without alarm", () => {
  setLanguage("en");
  expect(heldLines(HELD)).toEqual([
    "Public record, 17 min old",
    "3 lists of cards that are not valid, the oldest 15 min old",
  ]);
  expect(heldWarnings(HELD)).toEqual([]);
});

test("what is not held is told as well", () => {
  setLanguage("en");
  const empty = { ...HELD, ledger: { organisations: 0 }, lists: { held: 0 }, registered: ACTIVE };
  expect(heldLines(empty)).toEqual(["No public record", "No lists of cards that are not valid"]);
  expect(heldWarnings(empty).map(({ code }) => code)).toEqual(["nothing_held"]);
});

test("two histories come before a wrong clock, and that before nothing held", () => {
  const all = { ...HELD, split: true, clock: { wrong: true, behind_s: 7_500 }, registered: ACTIVE };
  expect(heldWarnings(all).map(({ code }) => code)).toEqual(["ledger_split", "clock_wrong", "nothing_held"]);
});

test.each(LANGUAGES)("a warning says what it is and what to do, in %s", (language) => {
  setLanguage(language);
  const all = { ...HELD, split: true, clock: { wrong: true, behind_s: 7_500 }, registered: ACTIVE };
  for (const { title, text } of heldWarnings(all)) {
    expect(title).toMatch(/^\p{L}[^!{}.]*$/u);
    expect(text).toMatch(/^\p{L}[^!{}]*\.$/u);
  }
  expect(heldWarnings(all)[1]?.text).toContain("2 h 5 min");
});
