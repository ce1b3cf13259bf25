/** Things that happened before, as the wallet notes them: names, never values. */
import type { HistoryItem, Outcome } from "../types";
import { claimsOf, faceOf, typeOf, type Kind } from "./cards";
import { BUSINESSES, CONFIRMED_AT, OFFICES, recordOf, type Party } from "./parties";

/** A card in the history, with the claims asked for or received. */
export function historyCard(
  kind: Kind,
  names: readonly string[],
  shownBefore = false,
): HistoryItem["cards"][number] {
  return {
    type: typeOf(kind),
    title: faceOf(kind).title,
    claims: claimsOf(kind).filter((claim) => names.includes(claim.name)),
    shownBefore,
  };
}

/** The name a party goes by where only one fits. */
export function nameOf(party: Party): string {
  return party.name["en"] ?? party.host;
}

/** Strangers have none. */
export function idOf(party: Party): string | null {
  return RECORDED.includes(party) ? recordOf(party).id : null;
}

const RECORDED: readonly Party[] = [BUSINESSES.shop, BUSINESSES.hotel, BUSINESSES.club];

interface Past {
  party: Party;
  event: HistoryItem["event"];
  kind: Kind;
  names: string[];
  outcome: Outcome;
  purpose?: string;
  reason?: string;
  keptDays?: number | null;
  saysKept?: boolean;
  receipt?: boolean;
}

const ADULT: Past = {
  party: BUSINESSES.shop,
  event: "request",
  kind: "person",
  names: ["age_over_18"],
  outcome: "shared",
  purpose: "Selling wine only to adults",
  keptDays: 0,
  receipt: true,
};

const ALL_OF_PERSON = ["given_name", "family_name", "birth_date", "nationality"];

const PAST: Past[] = [
  ADULT,
  {
    ...ADULT,
    party: BUSINESSES.hotel,
    names: ALL_OF_PERSON,
    purpose: "Registering guests",
    keptDays: 365,
    receipt: false,
  },
  { ...ADULT, party: BUSINESSES.shop, outcome: "blocked", reason: "over_asking", names: ["birth_date"] },
  { ...ADULT, party: BUSINESSES.nobody, outcome: "blocked", reason: "verifier_not_registered" },
  { ...ADULT, party: BUSINESSES.club, outcome: "not_shared", reason: "refused" },
  {
    ...ADULT,
    party: BUSINESSES.foreign,
    outcome: "maybe_received",
    reason: "maybe_received",
    keptDays: null,
    saysKept: true,
  },
  { party: OFFICES.transport, event: "offer", kind: "licence", names: ["categories"], outcome: "received" },
  { ...ADULT, party: BUSINESSES.club, outcome: "not_sent", reason: "verifier_unreachable" },
  {
    party: OFFICES.unrecorded,
    event: "offer",
    kind: "business",
    names: ["role"],
    outcome: "not_stored",
    reason: "not_me",
  },
  { ...ADULT, party: BUSINESSES.club, outcome: "interrupted" },
  { ...ADULT, party: BUSINESSES.hotel, outcome: "not_accepted", reason: "answer_not_accepted" },
  {
    party: OFFICES.population,
    event: "offer",
    kind: "person",
    names: ALL_OF_PERSON,
    outcome: "received",
  },
];

function items(count: number, apart: number): HistoryItem[] {
  return Array.from({ length: count }, (_, index) => {
    const past = PAST[index % PAST.length] ?? ADULT;
    return {
      id: count - index,
      at: CONFIRMED_AT - 3_600 - index * apart,
      event: past.event,
      party: nameOf(past.party),
      partyId: idOf(past.party),
      host: past.party.host,
      purpose: past.purpose ?? null,
      cards: [historyCard(past.kind, past.names)],
      outcome: past.outcome,
      reason: past.reason ?? null,
      keptDays: past.keptDays ?? null,
      saysKept: past.saysKept ?? false,
      receipt: past.outcome === "shared" && (past.receipt ?? false),
      contradicts: false,
      reportable: past.reason === "over_asking",
    };
  });
}

/** Each way something can end, once, over some weeks. */
export function shortHistory(): HistoryItem[] {
  return items(PAST.length, 3 * 86_400);
}

/** More than fits on a screen, over a year; the newest receipt contradicts the public record. */
export function longHistory(): HistoryItem[] {
  return items(400, 80_000).map((item, index) => ({ ...item, contradicts: index === 0 }));
}
