/** How an order ended, for the customer. Only a yes is welcome. */
import { has, t } from "@holdfast/ui/messages";
import type { OrderState } from "./types.ts";

export type Ending = "yes" | "no" | "unsure" | "refused" | "expired" | "none";

/** `undefined`: there is no order in this browser. */
export function endingOf(state: OrderState | undefined): Ending {
  if (!state) return "none";
  if (state.state === "refused") return "refused";
  if (state.verdict === "yes" || state.verdict === "no") return state.verdict;
  return state.state === "expired" ? "expired" : "unsure";
}

/** The line below the title. */
export function lineOf(ending: Ending, state: OrderState | undefined): string {
  if (ending === "yes" || ending === "expired" || ending === "none") return t(`shop.result.${ending}.text`);
  const key = `shop.reason.${state?.reason ?? "other"}`;
  return has(key) ? t(key) : t("shop.reason.other");
}
