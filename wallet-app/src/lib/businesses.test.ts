import { expect, test } from "vitest";
import type { Business, HistoryItem } from "./backend/types";
import { keptOf, seenBy } from "./businesses";

const label = { en: "Birth date" };

function item(changes: Partial<HistoryItem>): HistoryItem {
  return {
    id: 1,
    at: 1_000_000,
    event: "request",
    party: "Shop",
    partyId: "did:x",
    host: "shop.example",
    purpose: null,
    cards: [
      { type: "t", title: { en: "Card" }, claims: [{ name: "birth_date", label }], shownBefore: false },
    ],
    outcome: "shared",
    reason: null,
    keptDays: null,
    saysKept: false,
    receipt: false,
    contradicts: false,
    reportable: false,
    ...changes,
  };
}

function business(items: HistoryItem[]): Business {
  const known = { id: "did:x", name: "Shop", host: "shop.example", recorded: true, blocked: false };
  return { ...known, never: [], items };
}

test("what was seen twice stands once, by the last time", () => {
  const seen = seenBy(business([item({ at: 2_000_000, keptDays: 1 }), item({ keptDays: 0 })]));
  expect(seen.map(({ name, at, kept }) => ({ name, at, kept }))).toEqual([
    { name: "birth_date", at: 2_000_000, kept: { state: "until", at: 2_086_400 } },
  ]);
});

test("what is shown to nobody any more is marked, by the name that they saw it under", () => {
  const never = (type: string) => [{ type, claim: "birth_date" }];
  const marked = (type: string) => seenBy({ ...business([item({})]), never: never(type) })[0]?.never;
  expect([marked("t"), marked("another")]).toEqual([true, false]);
});

test.each(["not_shared", "blocked", "interrupted", "not_sent"] as const)(
  "nothing was seen where it was %s",
  (outcome) => {
    expect(seenBy(business([item({ outcome })]))).toEqual([]);
  },
);

test.each(["maybe_received", "not_accepted"] as const)("what was %s counts as seen", (outcome) => {
  expect(seenBy(business([item({ outcome })]))).toHaveLength(1);
});

test("what nobody has recorded is not said to be deleted", () => {
  expect(keptOf(item({}))).toEqual({ state: "not_said" });
  expect(keptOf(item({ saysKept: true }))).toEqual({ state: "said" });
  expect(keptOf(item({ keptDays: 0 }))).toEqual({ state: "not_kept" });
});
