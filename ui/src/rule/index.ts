/** Eligibility rules, for pages: the second implementation of docs/rules.md. */
export type { ClaimType } from "./check";
export { parseShown } from "./json";
export { dayOf, parseDay, type Day } from "./day";
export { RuleError, type RuleErrorName } from "./error";
export { CarriedRule, Rule, SUBSET_VERSION, type ShownCard } from "./rule";
