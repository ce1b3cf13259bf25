/**
 * What a passphrase or PIN has to withstand, said while it is typed. The wallet checks again; it is
 * never laxer than this, so nobody is refused twice.
 */
import type { SecretKind } from "./backend/types";

export const PIN_DIGITS = 6;
export const PASSPHRASE_LEAST = 12;

/** Why a secret is not accepted: `wallet.secret.refused.<flaw>` says it. */
export type SecretFlaw = "pin_form" | "too_short" | "too_common";

export function flawOf(secret: string, kind: SecretKind): SecretFlaw | null {
  if (kind === "pin" && !/^\d{6}$/.test(secret)) return "pin_form";
  const characters = [...secret];
  if (kind === "passphrase" && characters.length < PASSPHRASE_LEAST) return "too_short";
  return isRun(characters) || isRepeat(secret) ? "too_common" : null;
}

/** Characters that stay, count up or count down: 111111, 123456, 987654. */
function isRun(characters: string[]): boolean {
  const codes = characters.map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  const first = steps[0] ?? 0;
  return Math.abs(first) <= 1 && steps.every((step) => step === first);
}

/** A short piece again and again: 121212, 123123, abcabcabcabc. */
function isRepeat(secret: string): boolean {
  return /^(.{1,3})\1+$/su.test(secret);
}
