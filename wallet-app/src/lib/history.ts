/** History in the order people look for things: when, with whom, how it ended. */
import type { Tone } from "@holdfast/ui";
import { localized } from "@holdfast/ui/messages";
import type { HistoryItem, Outcome } from "./backend/types";
import { matches } from "./text";

/** `wallet.history.period.<period>` names it. */
export type Period = "today" | "week" | "month" | "older";

export interface HistoryGroup {
  period: Period;
  items: HistoryItem[];
}

/** The colour that goes with the words of an outcome. */
export const OUTCOME_TONE: Record<Outcome, Tone> = {
  received: "good",
  not_stored: "info",
  shared: "good",
  not_shared: "info",
  blocked: "bad",
  interrupted: "unsure",
  maybe_received: "unsure",
  not_sent: "unsure",
  not_accepted: "unsure",
};

/** What can be chosen to see alone: `wallet.history.filter_by.<filter>` names it. */
export type HistoryFilter = "all" | "received" | "shown" | "not_shown" | "stopped";

const FILTERS: Record<Exclude<HistoryFilter, "all">, readonly Outcome[]> = {
  received: ["received"],
  shown: ["shared", "maybe_received", "not_accepted"],
  not_shown: ["not_shared", "not_stored", "interrupted", "not_sent"],
  stopped: ["blocked"],
};

export const HISTORY_FILTERS = ["all", "received", "shown", "not_shown", "stopped"] as const;

/** Newest first, by calendar days of the reader's clock; a week begins on Monday. */
export function groupByPeriod(items: readonly HistoryItem[], now: Date): HistoryGroup[] {
  const starts = startsOf(now);
  const groups = new Map<Period, HistoryItem[]>();
  for (const item of items.toSorted((a, b) => b.at - a.at || b.id - a.id)) {
    const period = periodOf(item.at * 1000, starts);
    const group = groups.get(period);
    if (group) group.push(item);
    else groups.set(period, [item]);
  }
  return [...groups].map(([period, of]) => ({ period, items: of }));
}

/** What fits the search (party, host, purpose, card, what was asked) and the chosen result. */
export function filterHistory(
  items: readonly HistoryItem[],
  query: string,
  filter: HistoryFilter,
): HistoryItem[] {
  return items.filter((item) => {
    if (filter !== "all" && !FILTERS[filter].includes(item.outcome)) return false;
    const said = item.cards.flatMap((card) => [
      localized(card.title),
      ...card.claims.map((claim) => localized(claim.label)),
    ]);
    return matches(query, [item.party, item.host, item.purpose ?? "", ...said]);
  });
}

function startsOf(now: Date): Record<Exclude<Period, "older">, number> {
  const [year, month, date] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const sinceMonday = (now.getDay() + 6) % 7;
  return {
    today: new Date(year, month, date).getTime(),
    week: new Date(year, month, date - sinceMonday).getTime(),
    month: new Date(year, month, 1).getTime(),
  };
}

function periodOf(at: number, starts: Record<Exclude<Period, "older">, number>): Period {
  if (at >= starts.today) return "today";
  if (at >= starts.week) return "week";
  return at >= starts.month ? "month" : "older";
}
