/** What somebody who asked knows, from what happened with them. */
import type { Business, HistoryItem, Localized } from "./backend/types";

/** Something they saw. */
export interface Seen {
  type: string;
  name: string;
  title: Localized;
  label: Localized;
  /** When they saw it last. */
  at: number;
  /** What is recorded about how long they keep it, or what they said themselves. */
  kept: Kept;
  /** It is shown to nobody any more. */
  never: boolean;
}

/** Until when something that was seen is kept. */
export type Kept = { state: "not_kept" } | { state: "until"; at: number } | { state: "said" | "not_said" };

const DAY = 86_400;
const SAW: readonly HistoryItem["outcome"][] = ["shared", "maybe_received", "not_accepted"];

/** Whether they saw, or may have seen, what they asked for. */
export function sawIt(item: HistoryItem): boolean {
  return item.event === "request" && SAW.includes(item.outcome);
}

export function keptOf(item: HistoryItem): Kept {
  if (item.keptDays === null) return { state: item.saysKept ? "said" : "not_said" };
  if (item.keptDays === 0) return { state: "not_kept" };
  return { state: "until", at: item.at + item.keptDays * DAY };
}

/** Each thing once, by the last time that they saw it; the entries are newest first. */
export function seenBy(business: Business): Seen[] {
  const seen = new Map<string, Seen>();
  for (const item of business.items.filter(sawIt)) {
    for (const card of item.cards) {
      for (const { name, label } of card.claims) {
        const key = JSON.stringify([card.type, name]);
        if (seen.has(key)) continue;
        const { type, title } = card;
        const never = business.never.some((each) => each.type === type && each.claim === name);
        seen.set(key, { type, name, title, label, at: item.at, kept: keptOf(item), never });
      }
    }
  }
  return [...seen.values()];
}
