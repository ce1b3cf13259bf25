import { LANGUAGES, setLanguage, t } from "@holdfast/ui/messages";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import "./messages.ts";
import { deskProblem } from "./problems.ts";
import {
  age,
  ageLines,
  askedLabels,
  keptLabels,
  keptValues,
  outcomeWord,
  reasonLine,
  siteName,
  span,
  whatToDo,
} from "./words.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The words after `Self::… =>` in the service's own list. */
const reasons = [
  ...readFileSync(join(ROOT, "src/verdict/reason.rs"), "utf8").matchAll(/Self::\w+ => "([a-z_]+)",/g),
].map(([, word = ""]) => word);

afterEach(() => setLanguage("en"));

describe("reasons", () => {
  test("are those of the service", () => {
    expect(reasons).toContain("issuer_not_accepted");
    expect(reasons.length).toBeGreaterThan(19);
  });

  test.each(LANGUAGES)("each has one line in %s", (language) => {
    setLanguage(language);
    const verdicts = ["yes", "no", "could_not_check"];
    for (const reason of reasons.filter((word) => !verdicts.includes(word))) {
      expect(reasonLine(reason)).not.toBe(t("business.reason.unknown", { code: reason }));
    }
  });

  test("one that is not known here is named", () => {
    expect(reasonLine("of_the_future")).toContain("of_the_future");
  });
});

test("problems of the desk have three lines, also those not known here", () => {
  for (const code of ["offline", "too_many_sessions", "overloaded", "answer_unreadable", "of_the_future"]) {
    const lines = Object.values(deskProblem(code));
    expect(lines.filter((line) => line && !line.startsWith("business."))).toHaveLength(3);
  }
});

test("a customer who shows nothing is no failure of the check", () => {
  expect(outcomeWord({ state: "refused", verdict: "could_not_check" })).toBe("Nothing was shown");
  expect(outcomeWord({ state: "answered", verdict: "could_not_check" })).toBe("Could not check");
});

test("ages are told in the largest unit", () => {
  expect([0, 1, 119, 120, 7_199, 7_200].map(age)).toEqual([
    "0 seconds",
    "1 second",
    "119 seconds",
    "2 minutes",
    "120 minutes",
    "2 hours",
  ]);
});

test("a length of time is as exact as it matters", () => {
  const lengths = [0, 59, 60, 3_599, 3_600, 11_520, 86_400, 172_799, 172_800, 180_000].map(span);
  expect(lengths).toEqual([
    "less than a minute",
    "less than a minute",
    "1 min",
    "59 min",
    "1 h",
    "3 h 12 min",
    "24 h",
    "47 h 59 min",
    "2 days",
    "2 days 2 h",
  ]);
});

test.each([
  ["en", "Status known as of 3 h 12 min ago. This check allows 24 h."],
  ["de", "Status mit Stand von vor 3 h 12 min. Diese Prüfung erlaubt 24 h."],
  ["fr", "État connu d’il y a 3 h 12 min. Ce contrôle admet 24 h."],
] as const)("a verdict without a network says how old it is and what is allowed, in %s", (language, line) => {
  setLanguage(language);
  const limits = { status_s: 86_400, ledger_s: 86_400, metadata_s: 86_400 };
  const lines = ageLines({ ages: { status_s: 11_520, ledger_s: 60 }, limits });
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe(line);
  expect(ageLines({ ages: { ledger_s: 60 }, limits })).toEqual(lines.slice(1));
  expect(ageLines({ ages: { status_s: 1 } })).toEqual([]);
});

test.each(LANGUAGES)("where a check could not be made it says what to do, in %s", (language) => {
  setLanguage(language);
  const lines = ["ledger_stale", "status_unavailable", "clock_wrong", "ledger_split", "of_the_future"].map(
    whatToDo,
  );
  expect(new Set(lines).size).toBe(5);
  for (const line of lines) expect(line).toMatch(/^\p{L}[^!{}]*\.$/u);
});

test("what is asked, optional and kept", () => {
  const asked = [
    {
      card: { en: "Person" },
      claims: [
        { label: { en: "Given name", de: "Vorname" }, optional: false, kept: false },
        { label: { en: "Family name" }, optional: true, kept: true },
        { label: { en: "Sex" }, optional: true, choice: true, kept: false },
      ],
    },
  ];
  setLanguage("de");
  expect(askedLabels(asked)).toEqual(["Vorname", "Family name (freiwillig)", "Sex (eines genügt)"]);
  expect(keptLabels(asked)).toEqual(["Family name"]);
  expect(keptValues({ person: { family_name: "Mustermann", age: 3 } })).toBe("Mustermann, 3");
});

test("a site has a name, or its address", () => {
  expect(siteName({ name: { en: "Shop", fr: "Boutique" }, host: "shop.example" })).toBe("Shop");
  expect(siteName({ name: null, host: "shop.example" })).toBe("shop.example");
});
