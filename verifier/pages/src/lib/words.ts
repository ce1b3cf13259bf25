/** From what the service tells to what people read. */
import { has, localized, t } from "@holdfast/ui/messages";
import type { Asked, Outcome, Site } from "./types.ts";

/** The name of the business, or its address where it has none here. */
export function siteName(site: Site): string {
  return (site.name && localized(site.name)) || site.host;
}

/** All that is asked, card by card, in one line each. */
export function askedLabels(asked: Asked[], optional: (label: string) => string): string[] {
  return asked
    .flatMap((card) => card.claims)
    .map((claim) => (claim.optional ? optional(localized(claim.label)) : localized(claim.label)));
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
