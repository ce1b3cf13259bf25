import { describe, expect, test } from "vitest";
import { allAreas, areasOf, dissect, readCatalogue } from "./catalogues.ts";
import { forbiddenWords } from "./forbidden.ts";
import { LANGUAGES } from "./index.svelte.ts";

/** What citizens read. Staff know more words. */
const FOR_CITIZENS = ["common", "errors", "sharing", "shop", "try", "wallet"].filter((area) =>
  allAreas().includes(area),
);

test.each(LANGUAGES)("all areas are there in %s", (language) => {
  expect(areasOf(language)).toEqual(allAreas());
});

describe.each(allAreas())("%s", (area) => {
  const english = readCatalogue("en", area);

  test.each(LANGUAGES)("has all keys in %s", (language) => {
    expect([...readCatalogue(language, area).keys()].sort()).toEqual([...english.keys()].sort());
  });

  test.each(LANGUAGES)("takes the same parameters in %s", (language) => {
    for (const [key, pattern] of readCatalogue(language, area)) {
      expect(pattern.trim(), key).not.toBe("");
      expect(dissect(pattern).params, key).toEqual(dissect(english.get(key) ?? "").params);
    }
  });
});

describe.each(allAreas())("%s is set as it is printed", (area) => {
  test("with apostrophes in French words", () => {
    const straight = [...readCatalogue("fr", area)].filter(([, pattern]) => /\p{L}'\p{L}/u.test(pattern));
    expect(straight).toEqual([]);
  });
});

describe.each(FOR_CITIZENS)("%s is in plain words", (area) => {
  test.each(LANGUAGES)("in %s", (language) => {
    const found = [...readCatalogue(language, area)].flatMap(([key, pattern]) =>
      forbiddenWords(dissect(pattern).words, language).map((word) => `${key}: ${word}`),
    );
    expect(found).toEqual([]);
  });

  test.each(LANGUAGES)("without raising the voice, in %s", (language) => {
    const loud = [...readCatalogue(language, area)].filter(([, pattern]) =>
      dissect(pattern).words.includes("!"),
    );
    expect(loud).toEqual([]);
  });
});

describe("forbidden words", () => {
  test.each([
    ["Your DID was checked", "en", ["DID"]],
    ["The office did not answer", "en", []],
    ["Two claims, one Token", "en", ["claims", "Token"]],
    ["It proclaims nothing", "en", []],
    ["Der Aussteller hat kryptographische Schlüssel", "de", ["Aussteller", "kryptographische"]],
    ["L'émetteur et le nœud", "fr", ["émetteur", "nœud"]],
  ] as const)("%s (%s)", (text, language, expected) => {
    expect(forbiddenWords(text, language)).toEqual(expected);
  });
});
