/** What a verifier holds, in words. */
import { t } from "@holdfast/ui/messages";
import type { Held } from "./types.ts";
import { span } from "./words.ts";

/** Why no check could be made with it. */
export interface Warning {
  code: "nothing_held" | "clock_wrong" | "ledger_split" | "suspended" | "waiting";
  title: string;
  text: string;
}

/** How old it is, in a few words each. */
export function heldLines({ ledger, lists }: Held): string[] {
  return [
    ledger.age_s === undefined
      ? t("business.held.ledger_none")
      : t("business.held.ledger", { age: span(ledger.age_s) }),
    lists.age_s === undefined || lists.held === 0
      ? t("business.held.lists_none")
      : t("business.held.lists", { n: lists.held, age: span(lists.age_s) }),
  ];
}

/** Everything that stands in the way of a check, the gravest first. */
export function heldWarnings({ split, clock, registered }: Held): Warning[] {
  const warnings: Warning[] = [];
  if (split) warnings.push(warning("ledger_split", "split"));
  if (clock.wrong) warnings.push(warning("clock_wrong", "clock", span(clock.behind_s)));
  const { standing, age_s } = registered;
  if (standing !== "active") warnings.push(warning(standing, standing));
  else if (age_s === undefined) warnings.push(warning("nothing_held", "nothing"));
  return warnings;
}

function warning(
  code: Warning["code"],
  key: "split" | "clock" | "nothing" | "suspended" | "waiting",
  age = "",
): Warning {
  return {
    code,
    title: t(`business.held.${key}.title`),
    text: t(`business.held.${key}.text`, { age }),
  };
}
