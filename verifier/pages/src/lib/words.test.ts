import { LANGUAGES, setLanguage, t } from "@holdfast/ui/messages";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import "./messages.ts";
import { deskProblem } from "./problems.ts";
import { age, askedLabels, keptLabels, keptValues, outcomeWord, reasonLine, siteName } from "./words.ts";

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

test("what is asked, optional and kept", () => {
  const asked = [
    {
      card: { en: "Person" },
      claims: [
        { label: { en: "Given name", de: "Vorname" }, optional: false, kept: false },
        { label: { en: "Family name" }, optional: true, kept: true },
      ],
    },
  ];
  setLanguage("de");
  expect(askedLabels(asked, (label) => `(${label})`)).toEqual(["Vorname", "(Family name)"]);
  expect(keptLabels(asked)).toEqual(["Family name"]);
  expect(keptValues({ person: { family_name: "Mustermann", age: 3 } })).toBe("Mustermann, 3");
});

test("a site has a name, or its address", () => {
  expect(siteName({ name: { en: "Shop", fr: "Boutique" }, host: "shop.example" })).toBe("Shop");
  expect(siteName({ name: null, host: "shop.example" })).toBe("shop.example");
});
