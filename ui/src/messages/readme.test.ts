import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type MessageFormatElement, parse, TYPE } from "@formatjs/icu-messageformat-parser";
import { expect, test } from "vitest";
import { allAreas, readCatalogue } from "./catalogues.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found]) => found ?? "");

/** Everything that a message can say; what is filled in stands there as a dash. */
function said(pattern: string): string[] {
  return forms(parse(pattern, { ignoreTag: true }));
}

function forms(elements: MessageFormatElement[]): string[] {
  return elements.reduce<string[]>(
    (before, element) => before.flatMap((words) => ends(element).map((end) => words + end)),
    [""],
  );
}

function ends(element: MessageFormatElement): string[] {
  if (element.type === TYPE.literal) return [element.value];
  if (element.type !== TYPE.plural && element.type !== TYPE.select) return ["–"];
  return Object.values(element.options).flatMap(({ value }) => forms(value));
}

interface Display {
  locale: string;
  name?: string;
  label?: string;
}

/** Names of a card type and of what stands on it. */
function ofCard(file: string): string[] {
  const { display, claims } = JSON.parse(read(`schemas/${file}`)) as {
    display: Display[];
    claims: { display: Display[] }[];
  };
  const texts = [...display, ...claims.flatMap((claim) => claim.display)];
  return texts.filter(({ locale }) => locale === "en").flatMap(({ name, label }) => name ?? label ?? []);
}

/** What a stranger reads on a screen or where the demo was started, each text as a whole. */
function shown(): Set<string> {
  const words = allAreas().flatMap((area) => [...readCatalogue("en", area).values()].flatMap(said));
  const cards = readdirSync(join(ROOT, "schemas")).flatMap(ofCard);
  const checks = all(read("tests/demo/checks.toml"), /^title = \{ en = "([^"]+)"/gm);
  const addresses = all(read("tests/src/demo/guide.rs"), /^ {2}([A-Z]\w+) +\{/gm);
  expect([cards.length > 20, checks.length > 3, addresses.length]).toEqual([true, true, 4]);
  return new Set([...words, ...cards, ...checks, ...addresses]);
}

test("what the walk in the README says to press and to look for is there in these words", () => {
  const walk = /## A walk through the demo\n(.*?)\n## /s.exec(read("README.md"))?.[1] ?? "";
  const named = all(walk, /(?<!\*)\*([^*\n]+)\*(?!\*)/g);
  expect(named.length).toBeGreaterThan(15);
  const there = shown();
  expect(named.filter((words) => !there.has(words))).toEqual([]);
});

test("a part of what a screen says is not what it says", () => {
  const there = shown();
  expect(["Paste a link", "18", ""].filter((words) => there.has(words))).toEqual([]);
  expect(["A card for you", "– cards for you", "Buy"].filter((words) => !there.has(words))).toEqual([]);
});
