/** What a request says about itself, in words. */
import { localized, t } from "@holdfast/ui/messages";
import type { IconName, Tone } from "@holdfast/ui";
import type { Registration, RequestView } from "../../lib/backend/types";

/** The verified name; where there is none the host has to do. */
export function nameOf(who: RequestView["who"]): string {
  return localized(who.name) || who.host;
}

/** Whether it is kept, as a sentence. */
export function keptWords(kept: RequestView["kept"]): string {
  return kept.kind === "days"
    ? t("sharing.ask.kept.days", { days: kept.days })
    : t(`sharing.ask.kept.${kept.kind}`);
}

/** The icon beside that sentence. */
export const KEPT_ICON: Record<RequestView["kept"]["kind"], IconName> = {
  no: "check",
  days: "clock",
  not_said: "unsure",
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
