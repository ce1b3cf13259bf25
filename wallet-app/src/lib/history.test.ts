import { expect, test } from "vitest";
import type { HistoryItem, Outcome } from "./backend/types";
import { filterHistory, groupByPeriod } from "./history";

let id = 0;
function item(at: Date, more: Partial<HistoryItem> = {}): HistoryItem {
  id += 1;
  return {
    id,
    partyId: null,
    keptDays: null,
    receipt: false,
    contradicts: false,
    reportable: false,
    saysKept: false,
    at: at.getTime() / 1000,
    event: "request",
    party: "Café Müller",
    host: "cafe.example",
    purpose: "Check your age",
    cards: [
      {
        type: "t",
        title: { en: "Person identification" },
        claims: [{ name: "age", label: { en: "18 or older" } }],
        shownBefore: false,
      },
    ],
    outcome: "shared",
    reason: null,
    ...more,
  };
}

const WEDNESDAY = new Date(2026, 10, 18, 12, 0);

function periodOf(at: Date, now = WEDNESDAY): string | undefined {
  return groupByPeriod([item(at)], now)[0]?.period;
}

test.each([
  [new Date(2026, 10, 18, 0, 0), "today"],
  [new Date(2026, 10, 17, 23, 59), "week"],
  [new Date(2026, 10, 16, 0, 0), "week"],
  [new Date(2026, 10, 15, 23, 59), "month"],
  [new Date(2026, 10, 1, 0, 0), "month"],
  [new Date(2026, 9, 31, 23, 59), "older"],
])("%s is in: %s", (at, period) => {
  expect(periodOf(at)).toBe(period);
});

test("a week that began in the month before is still this week", () => {
  expect(periodOf(new Date(2026, 8, 29), new Date(2026, 9, 2))).toBe("week");
});

test("on a Sunday the week began six days before", () => {
  expect(periodOf(new Date(2026, 10, 16), new Date(2026, 10, 22))).toBe("week");
});

test("newest first, groups in order, nothing lost", () => {
  const items = [
    new Date(2025, 1, 1),
    new Date(2026, 10, 18, 9),
    new Date(2026, 10, 3),
    new Date(2026, 10, 18, 10),
  ];
  const groups = groupByPeriod(
    items.map((at) => item(at)),
    WEDNESDAY,
  );
  expect(groups.map((group) => group.period)).toEqual(["today", "month", "older"]);
  expect(groups[0]?.items.map((each) => new Date(each.at * 1000).getHours())).toEqual([10, 9]);
});

test.each([
  ["muller", 1],
  ["CAFÉ", 1],
  ["18 older", 1],
  ["identification", 1],
  ["cafe.example age", 1],
  ["bakery", 0],
  ["  ", 1],
])("a search for %s finds %i", (query, count) => {
  expect(filterHistory([item(WEDNESDAY)], query, "all")).toHaveLength(count);
});

test("every outcome is found under exactly one result", () => {
  const outcomes: Outcome[] = [
    "received",
    "not_stored",
    "shared",
    "not_shared",
    "blocked",
    "interrupted",
    "maybe_received",
    "not_sent",
    "not_accepted",
  ];
  const items = outcomes.map((outcome) => item(WEDNESDAY, { outcome }));
  const found = (["received", "shown", "not_shown", "stopped"] as const).flatMap((filter) =>
    filterHistory(items, "", filter).map((each) => each.outcome),
  );
  expect(found.toSorted()).toEqual(outcomes.toSorted());
});
