import { expect, test } from "vitest";
import { hostOfTrusted } from "./trusted-link";

test.each([
  ["holdfast-ecosystem://add?pack=https%3A%2F%2Fledger.example%2Fpack.json&sha256=9c", "ledger.example"],
  [" Holdfast-Ecosystem://add/?sha256=9c&pack=http%3A%2F%2Flocalhost%3A8440%2Fp ", "localhost:8440"],
  ["https://ledger.example/about/trust-pack.json#sha256=9c", "ledger.example"],
  ["holdfast-ecosystem://add?pack=https%3A%2F%2Fgood.example%40evil.example%2F&sha256=9c", "evil.example"],
  ["holdfast-ecosystem://add?pack=https%3A%2F%2Fa.example&pack=https%3A%2F%2Fb.example", null],
  ["holdfast-ecosystem://add?pack=file%3A%2F%2F%2Fetc%2Fpasswd&sha256=9c", null],
  ["holdfast-ecosystem://add?sha256=9c", null],
  ["ledger.example", null],
  ["", null],
])("%s leads to %s", (link, host) => {
  expect(hostOfTrusted(link)).toBe(host);
});
