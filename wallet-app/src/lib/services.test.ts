import { setLanguage } from "@holdfast/ui/messages";
import { beforeEach, expect, test } from "vitest";
import { memoryFromAddress } from "./backend/memory";
import type { OfferedService } from "./backend/types";
import { formatPrice, groupServices } from "./services";

beforeEach(() => setLanguage("en"));

async function services(scenario: string): Promise<OfferedService[]> {
  return (await memoryFromAddress(`?scenario=${scenario}`).services()).services;
}

test("what one can use comes first, and what cannot be told is no yes", async () => {
  const groups = groupServices(await services("three_cards"), "");
  expect(groups.map(({ answer }) => answer)).toEqual(["can_use", "lacks_card", "cannot_use"]);
  const unknown = groupServices(await services("statuses_unknown"), "");
  expect(unknown.map(({ answer }) => answer)).toEqual(["can_use", "lacks_card", "cannot_be_told"]);
});

test("without a card one lacks what it would open, and learns who issues it", async () => {
  const groups = groupServices(await services("empty"), "");
  const lacking = groups.find(({ answer }) => answer === "lacks_card")?.services ?? [];
  const library = lacking.find(({ id }) => id === "library")?.answer;
  expect(library?.state === "lacks_card" && library.cards[0]?.issuers[0]?.host).toBe(
    "population.nordmark.example",
  );
});

test("services are found by their name, whatever its accents", async () => {
  const found = groupServices(await services("three_cards"), "LIBRARY");
  expect(found.flatMap((group) => group.services.map(({ id }) => id))).toEqual(["library"]);
});

test("a fee is written in whole units of its currency", () => {
  expect(formatPrice({ amount: 1500, currency: "EUR" })).toContain("15.00");
  expect(formatPrice({ amount: 1500, currency: "JPY" })).toContain("1,500");
});
