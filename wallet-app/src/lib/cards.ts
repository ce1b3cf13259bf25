/** Finding a card among many. */
import { currentLanguage, localized } from "@holdfast/ui/messages";
import type { CardStatus, CardSummary } from "./backend/types";
import { matches } from "./text";

/** From this many cards on there is a search. */
export const SEARCH_FROM = 6;

/** `wallet.home.sort.<order>` names it. */
export const CARD_ORDERS = ["newest", "name", "office", "ends"] as const;
export type CardOrder = (typeof CARD_ORDERS)[number];

/** What fits the search (name of the card, office, host), in the wanted order. */
export function findCards(cards: readonly CardSummary[], query: string, order: CardOrder): CardSummary[] {
  const found = cards.filter((card) =>
    matches(query, [localized(card.face.title), localized(card.face.issuer), card.host]),
  );
  const collator = new Intl.Collator(currentLanguage());
  const by: Record<CardOrder, (a: CardSummary, b: CardSummary) => number> = {
    newest: (a, b) => b.receivedAt - a.receivedAt,
    name: (a, b) => collator.compare(localized(a.face.title), localized(b.face.title)),
    office: (a, b) => collator.compare(localized(a.face.issuer), localized(b.face.issuer)),
    ends: (a, b) => (a.validUntil ?? Infinity) - (b.validUntil ?? Infinity) || 0,
  };
  return found.sort(by[order]);
}

/** The colour that goes with the word; the word says it. */
export const STATUS_TONE: Record<CardStatus, "good" | "bad" | "unsure"> = {
  valid: "good",
  suspended: "unsure",
  revoked: "bad",
  expired: "bad",
  unknown: "unsure",
  not_yet_valid: "unsure",
};

/** When the status of all cards was confirmed: the oldest counts; `null` when one never was. */
export function statusAge(cards: readonly CardSummary[]): number | null {
  let oldest: number | null = null;
  for (const { statusAt } of cards) {
    if (statusAt === null) return null;
    oldest = oldest === null ? statusAt : Math.min(oldest, statusAt);
  }
  return oldest;
}
