import { setLanguage } from "@holdfast/ui/messages";
import { afterEach, expect, test } from "vitest";
import "./messages";
import { inWords } from "./values";

afterEach(() => setLanguage("en"));

test.each([
  ["en", "nationality", "DE", "Germany"],
  ["de", "address.country", "CH", "Schweiz"],
  ["fr", "nationalities", "DE", "Allemagne"],
  ["en", "sex", "F", "Female"],
  ["de", "sex", "female", "Weiblich"],
  ["fr", "sex", "X", "Divers"],
] as const)("in %s, %s %s is %s", (language, name, text, words) => {
  setLanguage(language);
  expect(inWords(name, text)).toBe(words);
});

test.each([
  ["country", "Nordmark"],
  ["country", "de"],
  ["sex", "constructor"],
  ["role", "F"],
  ["locality", "DE"],
])("%s %s is no code and stays as it is", (name, text) => {
  expect(inWords(name, text)).toBe(text);
});
