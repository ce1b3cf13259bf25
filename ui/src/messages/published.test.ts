/** What citizens read that no catalogue holds: labels of card types, and what businesses say they ask for. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { forbiddenWords } from "./forbidden.ts";
import { LANGUAGES } from "./index.svelte.ts";

const ROOT = new URL("../../../", import.meta.url);

interface Shown {
  locale: string;
  name?: string;
  label?: string;
  description?: string;
}

const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const types = readdirSync(new URL("schemas", ROOT)).filter((name) => name.endsWith(".json"));

/** Everything under `display`, wherever it stands. */
function shown(value: unknown): Shown[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "display" in value && Array.isArray(value.display) ? (value.display as Shown[]) : [];
  return [...own, ...Object.values(value).flatMap(shown)];
}

test.for(types)("labels of %s", (name) => {
  const texts = shown(JSON.parse(read(`schemas/${name}`)));
  expect(texts.length).toBeGreaterThan(0);
  for (const language of LANGUAGES) {
    const own = texts.filter(({ locale }) => locale.startsWith(language));
    expect(own.length, language).toBeGreaterThan(0);
    for (const { name, label, description } of own)
      expect(forbiddenWords([name, label, description].join(" "), language)).toEqual([]);
  }
});

test.for(LANGUAGES)("titles and purposes of the demo's checks in %s", (language) => {
  const lines = read("tests/demo/checks.toml").matchAll(/^(?:title|purpose) = \{(.*)\}$/gm);
  const texts = [...lines].map(([, texts]) => new RegExp(`${language} = "([^"]*)"`).exec(texts ?? "")?.[1]);
  expect(texts.length).toBeGreaterThan(5);
  for (const text of texts) {
    expect(text).toMatch(/\p{L}/u);
    expect(forbiddenWords(text ?? "", language)).toEqual([]);
  }
});
