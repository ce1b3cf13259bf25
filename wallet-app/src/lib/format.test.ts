import { setLanguage } from "@holdfast/ui/messages";
import { afterEach, expect, test } from "vitest";
import { formatAgo, formatDate } from "./format";

afterEach(() => setLanguage("en"));

test.each([
  ["en", "February 28, 1990"],
  ["de", "28. Februar 1990"],
  ["fr", "28 février 1990"],
] as const)("a date in %s, the same day everywhere", (language, expected) => {
  setLanguage(language);
  expect(formatDate("1990-02-28")).toBe(expected);
});

test("what is no date is left as it is", () => {
  expect(formatDate("spring of 1990")).toBe("spring of 1990");
});

test.each([
  [0, "this minute"],
  [59, "this minute"],
  [60, "1 minute ago"],
  [3_599, "59 minutes ago"],
  [7_200, "2 hours ago"],
  [86_400, "yesterday"],
  [3 * 86_400, "3 days ago"],
  [-500, "this minute"],
])("%i seconds ago", (age, expected) => {
  expect(formatAgo(1_000_000 - age, 1_000_000)).toBe(expected);
});
