/** The challenges this backend knows: what a business at the counter would show without a network. */
import type { Proof } from "../types";
import type { Fault, RequestPlan } from "./links";
import { BUSINESSES } from "./parties";

/** Parts of each of them, and of the answer. */
export const PARTS = 4;

const FRESH: Proof = { state: "goes_along", hours: 2 };

const CHALLENGE: RequestPlan = {
  kind: "request",
  who: BUSINESSES.club,
  registration: "registered",
  why: {
    en: "Letting in adults only",
    de: "Nur Erwachsene einlassen",
    fr: "Ne laisser entrer que des adultes",
  },
  kept: { kind: "no" },
  inPerson: true,
  asks: [{ card: "person", needed: ["age_over_18"] }],
  proof: FRESH,
};

const without = (why: Extract<Proof, { state: "missing" }>["why"]): RequestPlan => ({
  ...CHALLENGE,
  proof: { state: "missing", why },
});

const refused = (code: Fault, claim?: string): RequestPlan => ({
  ...CHALLENGE,
  refused: claim === undefined ? { code } : { code, claim },
});

/** By name, which here is all that a challenge is. */
export const CHALLENGES: Record<string, RequestPlan> = {
  challenge: CHALLENGE,
  challenge_optional: {
    ...CHALLENGE,
    asks: [{ card: "person", needed: ["age_over_18"], optional: ["portrait"] }],
  },
  challenge_needs_nothing: { ...CHALLENGE, proof: { state: "not_needed" } },
  challenge_not_held: without("not_held"),
  challenge_too_old: without("too_old"),
  challenge_status_differs: without("status_differs"),
  challenge_not_recorded: without("not_recorded"),
  challenge_expiring: { ...CHALLENGE, livesFor: 45 },
  challenge_licence: { ...CHALLENGE, asks: [{ card: "licence", needed: ["categories"] }] },
  challenge_over_asking: refused("over_asking", "birth_date"),
  challenge_old: refused("challenge_stale"),
  challenge_early: refused("challenge_not_yet_valid"),
  challenge_expired: refused("request_expired"),
  challenge_split: refused("split_view"),
  challenge_long: { ...CHALLENGE, fails: "answer_too_long" },
};

/** What is behind a challenge, or the code that says why there is nothing. */
export function planOfChallenge(challenge: string): RequestPlan | Fault {
  const known = Object.hasOwn(CHALLENGES, challenge) ? CHALLENGES[challenge] : undefined;
  return known ?? "invalid_challenge";
}
