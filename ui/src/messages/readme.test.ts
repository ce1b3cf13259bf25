import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allAreas, readCatalogue } from "./catalogues.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** What a stranger reads on a screen or where the demo was started: words, names of cards and checks. */
function shown(): string {
  const words = allAreas().flatMap((area) => [...readCatalogue("en", area).values()]);
  const cards = readdirSync(join(ROOT, "schemas")).map((file) => read(`schemas/${file}`));
  return [...words, ...cards, read("tests/demo/checks.toml"), read("tests/src/demo/guide.rs")].join("\n");
}

test("what the walk in the README says to press and to look for is there in these words", () => {
  const walk = /## A walk through the demo\n(.*?)\n## /s.exec(read("README.md"))?.[1] ?? "";
  const named = [...walk.matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g)].map((match) => match[1] ?? "");
  expect(named.length).toBeGreaterThan(15);
  const there = shown();
  expect(named.filter((words) => !there.includes(words))).toEqual([]);
});
