import { LANGUAGES, setLanguage } from "@holdfast/ui/messages";
import { problemCodes } from "@holdfast/ui/rust-codes";
import { expect, test } from "vitest";
import "./messages.ts";
import { linesFor, saidAs } from "./problems.ts";

/** Said instead of a page by a service whose pages were not built, and to programs that make offers. */
const NEVER_HERE = ["pages_not_built", "no_sign_in"];

test("every code of the service has words of its own or of another", () => {
  const codes = problemCodes("service/src", "issuer/src");
  for (const known of ["sign_in_failed", "query_too_long", "not_confirmed", "offer_taken", "invalid_content"])
    expect(codes).toContain(known);
  expect(codes.filter((code) => saidAs(code) === undefined && !NEVER_HERE.includes(code))).toEqual([]);
});

test("after too many attempts it says how long to wait", () => {
  setLanguage("en");
  expect(linesFor("too_many_attempts", 90).now).toBe("Try again in 2 minutes.");
});

test.each(LANGUAGES)("every code has three lines in %s, also one nobody knows", (language) => {
  setLanguage(language);
  for (const code of [
    "offline",
    "sign_in_failed",
    "too_many_attempts",
    "overloaded",
    "revoked",
    "never_heard_of",
    "internal",
    "a.b",
    "",
  ]) {
    for (const line of Object.values(linesFor(code))) expect(line).toMatch(/^\p{L}[^!]*\.$/u);
  }
});

test("a code nobody knows is not called one that is known", () => {
  setLanguage("en");
  expect(linesFor("never_heard_of").what).toBe("Something went wrong.");
  expect(linesFor("overloaded")).toEqual(linesFor("unavailable"));
});
