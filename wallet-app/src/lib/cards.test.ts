import { expect, test } from "vitest";
import type { CardSummary } from "./backend/types";
import { findCards, statusAge } from "./cards";

function card(title: string, more: Partial<CardSummary> = {}): CardSummary {
  return {
    id: title,
    type: "t",
    face: { title: { en: title }, issuer: { en: "Office" }, background: null, text: null },
    host: "office.example",
    status: "valid",
    statusAt: 100,
    receivedAt: 0,
    validUntil: null,
    copies: { online: 1, offline: 1 },
    pending: false,
    ...more,
  };
}

const CARDS = [
  card("Licence", { receivedAt: 1, validUntil: 30 }),
  card("Écoles", { receivedAt: 3, host: "school.example" }),
  card("Address", { receivedAt: 2, validUntil: 10 }),
];
const ids = (cards: CardSummary[]) => cards.map((each) => each.id);

test.each([
  ["newest", ["Écoles", "Address", "Licence"]],
  ["name", ["Address", "Écoles", "Licence"]],
  ["ends", ["Address", "Licence", "Écoles"]],
] as const)("in order: %s", (order, expected) => {
  expect(ids(findCards(CARDS, "", order))).toEqual(expected);
});

test("cards without an end keep their order", () => {
  expect(ids(findCards([card("b"), card("a")], "", "ends"))).toEqual(["b", "a"]);
});

test.each([
  ["ecole", ["Écoles"]],
  ["school", ["Écoles"]],
  ["office lic", ["Licence"]],
  ["nothing", []],
])("a search for %s", (query, expected) => {
  expect(ids(findCards(CARDS, query, "newest"))).toEqual(expected);
});

test("the list it was given stays as it was", () => {
  findCards(CARDS, "", "name");
  expect(ids(CARDS)).toEqual(["Licence", "Écoles", "Address"]);
});

test("the status of all is as old as the oldest", () => {
  expect(statusAge([card("a", { statusAt: 9 }), card("b", { statusAt: 5 })])).toBe(5);
  expect(statusAge([card("a"), card("b", { statusAt: null })])).toBeNull();
  expect(statusAge([])).toBeNull();
});
