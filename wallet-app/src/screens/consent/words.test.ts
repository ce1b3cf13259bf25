import { LANGUAGES, setLanguage } from "@holdfast/ui/messages";
import { afterEach, expect, test } from "vitest";
import "../../lib/messages-sharing";
import { answerWith, keptWords } from "./words";

afterEach(() => setLanguage("en"));

const kept = (days: number) => keptWords({ kind: "days", days });

test.each([
  [1, "one day"],
  [364, "364 days"],
  [365, "one year"],
  [366, "one year"],
  [367, "367 days"],
  [1_461, "4 years"],
  [3_650, "10 years"],
  [3_653, "10 years"],
  [3_654, "3,654 days"],
])("%i days are kept for %s", (days, said) => {
  expect(kept(days)).toBe(`They keep it for ${said}.`);
});

test.each(LANGUAGES)("whole years are years in %s", (language) => {
  setLanguage(language);
  expect(kept(3_653)).toContain("10 ");
  expect(kept(3_653)).not.toContain("653");
});

test.each(LANGUAGES)("to say that one keeps it is more than to say nothing in %s", (language) => {
  setLanguage(language);
  expect(keptWords({ kind: "said" })).not.toBe(keptWords({ kind: "not_said" }));
});

test("the answer is that for exactly what was chosen, in any order", () => {
  const answers = [
    { with: [], answer: "cannot_be_told" as const },
    { with: ["a", "b"], answer: "yes" as const },
    { with: ["a"], answer: "no" as const },
  ];
  const answer = (...names: string[]) => answerWith(answers, new Set(names));
  expect([answer(), answer("b", "a"), answer("a")]).toEqual(["cannot_be_told", "yes", "no"]);
});

test("what nobody tried out is never a yes", () => {
  const answers = [{ with: [], answer: "yes" as const }];
  expect(answerWith(answers, new Set(["b"]))).toBe("cannot_be_told");
  expect(answerWith([], new Set())).toBe("cannot_be_told");
});
