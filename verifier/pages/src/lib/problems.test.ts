import { LANGUAGES, setLanguage } from "@holdfast/ui/messages";
import { problemCodes } from "@holdfast/ui/rust-codes";
import { expect, test } from "vitest";
import "./messages.ts";
import { deskProblem, refusedCode, saidAs } from "./problems.ts";

/** Said instead of a page by a service whose pages were not built; and to customers of the shop alone. */
const NEVER_HERE = ["pages_not_built", "no_order"];

test("every code of the service has words of its own or of another", () => {
  const codes = problemCodes("service/src", "verifier/src");
  for (const known of ["sign_in_failed", "answer_unreadable", "cross_site", "internal", "invalid_content"])
    expect(codes).toContain(known);
  expect(codes.filter((code) => saidAs(code) === undefined && !NEVER_HERE.includes(code))).toEqual([]);
});

test.each(LANGUAGES)("every code has three lines in %s, also one nobody knows", (language) => {
  setLanguage(language);
  for (const code of [
    "offline",
    "sign_in_failed",
    "too_many_attempts",
    "internal",
    "never_heard_of",
    "a.b",
    "",
  ])
    for (const line of Object.values(deskProblem(code))) expect(line).toMatch(/^\p{L}[^!{}]*\.$/u);
});

test.each(LANGUAGES)("every code that is no answer has three lines and a code in %s", (language) => {
  setLanguage(language);
  for (const kind of ["several", "offer", "request", "url", "vcard", "other"] as const) {
    const { code, ...lines } = refusedCode(kind);
    expect(code).toMatch(/^[a-z_]+$/);
    for (const line of Object.values(lines)) expect(line).toMatch(/^\p{L}[^!{}]*\.$/u);
  }
});

test("a code nobody knows is not called one that is known", () => {
  setLanguage("en");
  expect(deskProblem("never_heard_of").what).toBe("Something went wrong.");
  expect(deskProblem("constructor").what).toBe("Something went wrong.");
  expect(deskProblem("cross_site").what).not.toBe(deskProblem("unavailable").what);
});

test("after too many attempts it says how long to wait", () => {
  setLanguage("en");
  expect(deskProblem("too_many_attempts", 90).now).toBe("Try again in 2 minutes.");
});
