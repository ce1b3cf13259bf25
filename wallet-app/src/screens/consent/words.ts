/** What a request says about itself, in words. */
import { localized, t } from "@holdfast/ui/messages";
import type { IconName, Tone } from "@holdfast/ui";
import type { Foretold, Registration, RequestView } from "../../lib/backend/types";

/** The verified name; where there is none the host has to do. */
export function nameOf(who: RequestView["who"]): string {
  return localized(who.name) || who.host;
}

/** Whether it is kept, as a sentence. */
export function keptWords(kept: RequestView["kept"]): string {
  if (kept.kind !== "days") return t(`sharing.ask.kept.${kept.kind}`);
  const years = wholeYears(kept.days);
  return years > 0 ? t("sharing.ask.kept.years", { years }) : t("sharing.ask.kept.days", { days: kept.days });
}

/** How many years so many days are, leap days and all; none where they are no whole years. */
function wholeYears(days: number): number {
  const years = Math.floor(days / 365);
  return days - years * 365 <= Math.ceil(years / 4) ? years : 0;
}

/** The icon beside that sentence. */
export const KEPT_ICON: Record<RequestView["kept"]["kind"], IconName> = {
  no: "check",
  days: "clock",
  said: "clock",
  not_said: "unsure",
};

/** What the answer will be with what was chosen; a choice that nobody tried out cannot be told. */
export function answerWith(answers: readonly Foretold[], chosen: ReadonlySet<string>): Foretold["answer"] {
  const same = ({ with: names }: Foretold) =>
    names.length === chosen.size && names.every((name) => chosen.has(name));
  return answers.find(same)?.answer ?? "cannot_be_told";
}

/** The icon beside that answer; the words say it. */
export const ANSWER_ICON: Record<Foretold["answer"], IconName> = {
  yes: "yes",
  no: "no",
  cannot_be_told: "unsure",
};

/** The colour that goes with the word; the word says it. */
export const REGISTRATION_TONE: Record<Registration, Tone> = {
  registered: "good",
  foreign: "unsure",
  unregistered: "unsure",
};

/** Only the host of an address: that is what can be recognised. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

/** All labels in one line. */
export function listOf(labels: readonly Record<string, string>[]): string {
  return labels.map(localized).join(", ");
}
