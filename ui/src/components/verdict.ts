import type { IconName } from "./icons.ts";

/** How a check came out. */
export type VerdictKind = "yes" | "no" | "could_not_check";

/** The icon of each. */
export const VERDICT_ICON: Record<VerdictKind, IconName> = {
  yes: "yes",
  no: "no",
  could_not_check: "unsure",
};
