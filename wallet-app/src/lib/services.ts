/** What can I use? Grouping and wording of the list of services. */
import { currentLanguage, currentLocale, localized } from "@holdfast/ui/messages";
import type { Tone } from "@holdfast/ui";
import type { Entitlement, OfferedService } from "./backend/types";
import { matches } from "./text";

/** From this many services on there is a search. */
export const SEARCH_FROM = 6;

/** What one can use comes first. */
export const ANSWERS = ["can_use", "lacks_card", "cannot_be_told", "cannot_use"] as const;
export type Answer = Entitlement["state"];

export const ANSWER_TONE: Record<Answer, Tone> = {
  can_use: "good",
  lacks_card: "info",
  cannot_be_told: "unsure",
  cannot_use: "bad",
};

export interface ServiceGroup {
  answer: Answer;
  services: OfferedService[];
}

/** What fits the search (name, what it is, office), by what it means for the person, then by name. */
export function groupServices(services: readonly OfferedService[], query: string): ServiceGroup[] {
  const collator = new Intl.Collator(currentLanguage());
  const found = services
    .filter(({ name, text, competent }) =>
      matches(query, [localized(name), localized(text), localized(competent.name)]),
    )
    .sort((a, b) => collator.compare(localized(a.name), localized(b.name)));
  return ANSWERS.map((answer) => ({
    answer,
    services: found.filter((service) => service.answer.state === answer),
  })).filter((group) => group.services.length > 0);
}

/** An amount in the smallest unit of its currency, as the reader writes it. */
export function formatPrice({ amount, currency }: NonNullable<OfferedService["fee"]>): string {
  const format = new Intl.NumberFormat(currentLocale(), { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}
