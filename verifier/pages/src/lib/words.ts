/** From what the service tells to what people read. */
import { has, localized, t } from "@holdfast/ui/messages";
import type { Asked, Outcome, Site } from "./types.ts";

/** The name of the business, or its address where it has none here. */
export function siteName(site: Site): string {
  return (site.name && localized(site.name)) || site.host;
}

/** All that is asked, card by card, in one line each: what may be left out, and of what one is enough, is said. */
export function askedLabels(asked: Asked[]): string[] {
  return asked
    .flatMap((card) => card.claims)
    .map((claim) => {
      const label = localized(claim.label);
      if (claim.choice) return t("business.home.choice", { label });
      return claim.optional ? t("business.home.optional", { label }) : label;
    });
}

/** What is kept of that. */
export function keptLabels(asked: Asked[]): string[] {
  return asked
    .flatMap((card) => card.claims.filter((claim) => claim.kept))
    .map((claim) => localized(claim.label));
}

/** One line for a reason code; more codes may be added, so one without a line is named. */
export function reasonLine(code: string): string {
  const key = `business.reason.${code}`;
  return has(key) ? t(key) : t("business.reason.unknown", { code });
}

/** The word of an outcome. A customer who shows nothing is a state of its own. */
export function outcomeWord({ state, verdict }: Pick<Outcome, "state" | "verdict">): string {
  return state === "refused"
    ? t("business.verdict.refused")
    : t(`business.verdict.${verdict ?? "could_not_check"}`);
}

/** How long ago, in the largest unit that is not zero. */
export function age(seconds: number): string {
  if (seconds < 120) return t("business.verdict.seconds", { n: Math.round(seconds) });
  if (seconds < 7_200) return t("business.verdict.minutes", { n: Math.round(seconds / 60) });
  return t("business.verdict.hours", { n: Math.round(seconds / 3_600) });
}

/** The values that the check keeps, which are all that are ever told. */
export function keptValues(claims: NonNullable<Outcome["claims"]>): string {
  return Object.values(claims)
    .flatMap((card) => Object.values(card))
    .map(String)
    .join(", ");
}

/** A length of time as exactly as it matters: less than a minute, minutes, hours with minutes, days with hours. */
export function span(seconds: number): string {
  const m = Math.floor(seconds / 60);
  const h = Math.floor(m / 60);
  const d = Math.floor(h / 24);
  if (m < 1) return t("business.span.moment");
  if (h < 1) return t("business.span.minutes", { m });
  if (d < 2)
    return m % 60 ? t("business.span.hours_minutes", { h, m: m % 60 }) : t("business.span.hours", { h });
  return h % 24 ? t("business.span.days_hours", { d, h: h % 24 }) : t("business.span.days", { d });
}

/** How old what a check without a network rests on is, and what the check allows: a sentence for each. */
export function ageLines({ ages, limits }: Pick<Outcome, "ages" | "limits">): string[] {
  if (!limits) return [];
  const lines: string[] = [];
  if (ages?.status_s !== undefined)
    lines.push(t("business.offline.age.status", { age: span(ages.status_s), limit: span(limits.status_s) }));
  if (ages?.ledger_s !== undefined)
    lines.push(t("business.offline.age.ledger", { age: span(ages.ledger_s), limit: span(limits.ledger_s) }));
  return lines;
}

/** What to do at a desk without a network where a check could not be made. */
export function whatToDo(reason: string): string {
  const key = `business.offline.do.${reason}`;
  return has(key) ? t(key) : t("business.offline.do.other");
}
