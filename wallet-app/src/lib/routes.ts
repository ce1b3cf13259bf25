/**
 * All places of the open wallet, in one list. A place is a hash, so that "back" and pictures of every
 * screen need nothing more. Links that came from outside never stand in it.
 */

/** Pattern of each place; `:id` is the one parameter there is. */
export const ROUTES = {
  home: "/",
  add: "/add",
  show: "/show",
  link: "/link",
  pending: "/pending",
  card: "/cards/:id",
  sample: "/sample",
  practice: "/sample/practice",
  history: "/history",
  entry: "/history/:id",
  services: "/services",
  businesses: "/businesses",
  business: "/businesses/:id",
  settings: "/settings",
  secret: "/settings/secret",
  reset: "/settings/reset",
  trust: "/settings/trust",
  about: "/settings/about",
} as const;

export type RouteName = keyof typeof ROUTES;

/** Where the person is. */
export interface Route {
  name: RouteName;
  /** Of the card, history entry or business; empty elsewhere. */
  id: string;
}

/** What is shown while no place can be entered: before and between. */
export const PHASES = ["starting", "first_run", "locked", "failed"] as const;

/** The hash of a place. */
export function hashOf(name: RouteName, id = ""): string {
  return `#${ROUTES[name].replace(":id", encodeURIComponent(id))}`;
}

/** The place a hash names; anything unknown is home. */
export function routeOf(hash: string): Route {
  const steps = hash.replace(/^#/, "").split("/");
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const id = match(ROUTES[name].split("/"), steps);
    if (id !== undefined) return { name, id };
  }
  return { name: "home", id: "" };
}

/** The place a screen's "back" leads to. */
export function parentOf(route: Route): Route {
  switch (route.name) {
    case "practice":
      return { name: "sample", id: "" };
    case "entry":
    case "businesses":
      return { name: "history", id: "" };
    case "business":
      return { name: "businesses", id: "" };
    case "secret":
    case "reset":
    case "trust":
    case "about":
      return { name: "settings", id: "" };
    default:
      return { name: "home", id: "" };
  }
}

/** The parameter when the steps fit the pattern (empty when it has none). */
function match(pattern: string[], steps: string[]): string | undefined {
  if (pattern.length !== steps.length) return undefined;
  let id = "";
  for (const [index, wanted] of pattern.entries()) {
    const step = steps[index] ?? "";
    if (wanted !== ":id") {
      if (wanted !== step) return undefined;
      continue;
    }
    const decoded = decode(step);
    if (!decoded) return undefined;
    id = decoded;
  }
  return id;
}

function decode(step: string): string | undefined {
  try {
    return decodeURIComponent(step);
  } catch {
    return undefined;
  }
}
