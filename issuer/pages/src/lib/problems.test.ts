import { LANGUAGES, setLanguage } from "@holdfast/ui/messages";
import { expect, test } from "vitest";
import "./messages.ts";
import { linesFor } from "./problems.ts";

test.each(LANGUAGES)("every code has three lines in %s, also one nobody knows", (language) => {
  setLanguage(language);
  for (const code of ["offline", "overloaded", "revoked", "never_heard_of", "internal", "a.b", ""]) {
    for (const line of Object.values(linesFor(code))) expect(line).toMatch(/^\p{L}[^!]*\.$/u);
  }
});

test("a code nobody knows is not called one that is known", () => {
  setLanguage("en");
  expect(linesFor("never_heard_of").what).toBe("Something went wrong.");
  expect(linesFor("overloaded")).toEqual(linesFor("unavailable"));
});
