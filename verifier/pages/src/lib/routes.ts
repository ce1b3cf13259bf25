/** All places of the desk, of trying out and of the example shop, in one list each. */
import { BASE, baseOf } from "./base.ts";

/** Pattern of each place of the desk; `:check` is the one parameter there is. */
export const ROUTES = {
  home: "/",
  ask: "/ask/:check",
  today: "/today",
  scan: "/scan",
  scan_check: "/scan/:check",
  offline: "/offline",
  offline_check: "/offline/:check",
  join: "/join",
} as const;

/** The places of trying out what anybody may ask. */
export const TRY_ROUTES = {
  choose: "/try",
  ask: "/try/:check",
} as const;

/** The place of those who write programs. */
export const DEVELOPER_ROUTES = { calls: "/developers" } as const;

/** Where the desk of a business begins that was added: the address itself is the log of its keys. */
const HOME_BELOW = "/desk";

/** The places of the shop. */
export const SHOP_ROUTES = {
  product: "/shop",
  check: "/shop/check",
  return: "/shop/return",
} as const;

/** What the head of a page leads to. */
export type Corner = "checks" | "scan" | "offline" | "today";

export type RouteName = keyof typeof ROUTES;
export type ShopRouteName = keyof typeof SHOP_ROUTES;
export type TryRouteName = keyof typeof TRY_ROUTES;

/** Where somebody is at the desk; `check` is empty where none is named. */
export interface Place {
  name: RouteName;
  check: string;
}

/** The place that an address is; home where it is none. */
export function placeOf(path: string): Place {
  const steps = stepsOf(path.slice(baseOf(path).length));
  for (const [name, pattern] of Object.entries(ROUTES) as [RouteName, string][]) {
    const wanted = stepsOf(pattern);
    if (wanted.length !== steps.length) continue;
    if (wanted.every((step, at) => step === ":check" || step === steps[at])) {
      return { name, check: decoded(steps[wanted.indexOf(":check")] ?? "") };
    }
  }
  return { name: "home", check: "" };
}

/** The address of a place. */
export function pathOf(name: RouteName, check = "", base = BASE): string {
  if (base && name === "home") return `${base}${HOME_BELOW}`;
  return `${base}${ROUTES[name].replace(":check", encodeURIComponent(check))}`;
}

/** The check that is tried out at an address; empty where one is chosen. */
export function triedAt(path: string): string {
  const [, check = ""] = stepsOf(path);
  return decoded(check);
}

/** The place of the shop that an address is; the product where it is none. */
export function shopPlaceOf(path: string): ShopRouteName {
  const names = Object.keys(SHOP_ROUTES) as ShopRouteName[];
  return names.find((name) => SHOP_ROUTES[name] === path.replace(/\/+$/, "")) ?? "product";
}

function stepsOf(path: string): string[] {
  return path.split("/").filter((step) => step !== "");
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
