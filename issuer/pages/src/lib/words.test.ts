import { setLanguage } from "@holdfast/ui/messages";
import { expect, test } from "vitest";
import { civilDay, spaced } from "./words.ts";

test.each([
  ["en", "March 12, 1985"],
  ["de", "12. März 1985"],
  ["fr", "12 mars 1985"],
] as const)("a birthday is the same day everywhere, in %s", (language, written) => {
  setLanguage(language);
  expect(civilDay("1985-03-12")).toBe(written);
});

test("a code is said in two groups", () => {
  expect(spaced("123456")).toBe("123 456");
});
