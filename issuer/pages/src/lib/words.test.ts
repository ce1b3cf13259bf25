import { setLanguage } from "@holdfast/ui/messages";
import { expect, test } from "vitest";
import { address, civilDay, spaced } from "./words.ts";

test.each([
  ["en", "March 12, 1985"],
  ["de", "12. März 1985"],
  ["fr", "12 mars 1985"],
] as const)("a birthday is the same day everywhere, in %s", (language, written) => {
  setLanguage(language);
  expect(civilDay("1985-03-12")).toBe(written);
});

test("an address names the country in the language of the page", () => {
  setLanguage("de");
  const home = { street_address: "Lindenweg 12", postal_code: "10115", locality: "Neustadt", country: "DE" };
  expect(address(home)).toBe("Lindenweg 12, 10115 Neustadt, Deutschland");
});

test("a code is said in two groups", () => {
  expect(spaced("123456")).toBe("123 456");
});
