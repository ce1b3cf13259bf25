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

/** The stable code of how it ended, for whoever helps; a welcome needs none. */
export function codeOf(ending: Ending, state: OrderState | undefined): string | undefined {
  if (ending === "yes") return undefined;
  if (ending === "none") return "no_order";
  return state?.reason ?? (ending === "expired" ? "session_expired" : "internal");
}

/** What is certain although it ended like this. */
export function safeOf(ending: Exclude<Ending, "yes">): string {
  return ending === "expired" || ending === "none" ? t("shop.result.nothing") : t("shop.result.ended");
}

/** The line below the title. */
export function lineOf(ending: Ending, state: OrderState | undefined): string {
  if (ending === "yes" || ending === "expired" || ending === "none") return t(`shop.result.${ending}.text`);
  const key = `shop.reason.${state?.reason ?? "other"}`;
  return has(key) ? t(key) : t("shop.reason.other");
}
