import { expect, it } from "vitest";
import { fits, plainCode } from "./tx-code";

const SIX_DIGITS = { numeric: true, length: 6, hint: null };
const ANY_TEXT = { numeric: false, length: null, hint: null };

it.each([
  [SIX_DIGITS, "493027", true],
  [SIX_DIGITS, "49302", false],
  [SIX_DIGITS, "4930277", false],
  [SIX_DIGITS, "49302a", false],
  [SIX_DIGITS, "", false],
  [SIX_DIGITS, null, false],
  [ANY_TEXT, "Kelp-7", true],
  [ANY_TEXT, "", false],
  [{ numeric: false, length: 2, hint: null }, "é🐚", true],
  [null, null, true],
  [null, "493027", false],
])("%j and %j: %s", (form, code, expected) => {
  expect(fits(form, code)).toBe(expected);
});

it("spaces between groups are no part of a code", () => {
  expect(plainCode(" 493 027\u00a0")).toBe("493027");
});
