import { LANGUAGES, setLanguage } from "@holdfast/ui/messages";
import { afterEach, expect, it } from "vitest";
import "../../lib/messages-sharing";
import { reportOf } from "./report";

afterEach(() => setLanguage("en"));

const ASKED = { name: "Corner Shop", host: "shop.example", claim: "Date of birth", handle: "secret-handle" };

it("names who asked for what, when, and the code", () => {
  expect(reportOf({ code: "over_asking", params: ASKED }, "today, 12:00")).toBe(
    [
      "Report of a request for too much",
      "",
      "When: today, 12:00",
      "Who asked: Corner Shop",
      "Address: shop.example",
      "What they asked too much: Date of birth",
      "My wallet refused. Nothing of my cards was sent.",
      "Code: over_asking",
    ].join("\n"),
  );
});

it("says of strangers that they may not ask it at all", () => {
  expect(reportOf({ code: "verifier_not_registered", params: ASKED }, "today")).toContain(
    "What they may not ask: Date of birth",
  );
});

it.each(LANGUAGES)("leaves out what is not known (%s)", (language) => {
  setLanguage(language);
  const report = reportOf({ code: "purpose_not_recorded", params: {} }, "12:00");
  expect(report.split("\n")).toHaveLength(5);
  expect(report).not.toMatch(/[{}]|undefined/);
});
