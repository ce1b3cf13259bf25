import { expect, test } from "vitest";
import { flawOf } from "./secret";

test.each([
  ["402918", null],
  ["40291", "pin_form"],
  ["4029181", "pin_form"],
  ["40291a", "pin_form"],
  ["٤٠٢٩١٨", "pin_form"],
  ["123456", "too_common"],
  ["987654", "too_common"],
  ["000000", "too_common"],
  ["123123", "too_common"],
  ["121212", "too_common"],
])("PIN %s: %s", (pin, flaw) => {
  expect(flawOf(pin, "pin")).toBe(flaw);
});

test.each([
  ["grey heron by the weir", null],
  ["correct horse", null],
  ["eleven char", "too_short"],
  ["", "too_short"],
  ["aaaaaaaaaaaaaa", "too_common"],
  ["abcdefghijklmn", "too_common"],
  ["abcabcabcabc", "too_common"],
])("passphrase %s: %s", (passphrase, flaw) => {
  expect(flawOf(passphrase, "passphrase")).toBe(flaw);
});

test("characters count, not code units", () => {
  expect(flawOf("🐦🌊🪨🐦🌊🌿", "passphrase")).toBe("too_short");
});
