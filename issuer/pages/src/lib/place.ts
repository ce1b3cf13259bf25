/**
 * Where one is at the counter. It stands behind the `#`, which browsers send to nobody: the number of a
 * person gets into no log.
 */
export type Place = { page: "find" } | { page: "person"; id: string; offer: boolean };

/** Pattern of each place, in one list; `:id` is the number of a person. */
export const ROUTES = {
  find: "/",
  person: "/people/:id",
  offer: "/people/:id/offer",
} as const;

export type RouteName = keyof typeof ROUTES;

/** What is shown while no place can be entered. */
export const PHASES = ["sign_in"] as const;

export function placeOf(hash: string): Place {
  const [, page, id = "", part] = hash.replace(/^#/, "").split("/");
  if (page !== "people" || id === "") return { page: "find" };
  return { page: "person", id: decoded(id), offer: part === "offer" };
}

export function hashOf(place: Place): string {
  if (place.page === "find") return `#${ROUTES.find}`;
  const id = encodeURIComponent(place.id);
  return `#${ROUTES[place.offer ? "offer" : "person"].replace(":id", () => id)}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
