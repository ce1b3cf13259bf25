/** The catalogues as they lie in their folders; for tests. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type MessageFormatElement, parse, TYPE } from "@formatjs/icu-messageformat-parser";
import { type Language, LANGUAGES, type Messages } from "./index.svelte.ts";

/** Key to pattern, of one area in one language. */
export type Catalogue = Map<string, string>;

/** The areas there are in a language. */
export function areasOf(language: Language): string[] {
  return readdirSync(join(import.meta.dirname, language))
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.replace(/\.json$/, ""))
    .sort();
}

/** All areas in all languages. */
export function allAreas(): string[] {
  return [...new Set(LANGUAGES.flatMap(areasOf))].sort();
}

/** Reads an area. */
export function readCatalogue(language: Language, area: string): Catalogue {
  const source = readFileSync(join(import.meta.dirname, language, `${area}.json`), "utf8");
  const found: Catalogue = new Map();
  collect(area, JSON.parse(source) as Messages, found);
  return found;
}

function collect(path: string, messages: Messages, found: Catalogue): void {
  for (const [name, value] of Object.entries(messages)) {
    if (typeof value === "string") found.set(`${path}.${name}`, value);
    else collect(`${path}.${name}`, value, found);
  }
}

/** What a pattern says and what it must be given. Throws where it is no pattern. */
export function dissect(pattern: string): { words: string; params: string[] } {
  const words: string[] = [];
  const params = new Set<string>();
  walk(parse(pattern, { ignoreTag: true }), words, params);
  return { words: words.join(" "), params: [...params].sort() };
}

function walk(elements: MessageFormatElement[], words: string[], params: Set<string>): void {
  for (const element of elements) {
    if (element.type === TYPE.literal) words.push(element.value);
    else if (element.type !== TYPE.pound) params.add(element.value);
    if (element.type === TYPE.plural || element.type === TYPE.select) {
      for (const option of Object.values(element.options)) walk(option.value, words, params);
    }
  }
}
