/**
 * Where one is at the counter. It stands behind the `#`, which browsers send to nobody: the number of a
 * person gets into no log.
 */
export type Place = { page: "find" } | { page: "person"; id: string; offer: boolean };

export function placeOf(hash: string): Place {
  const [, page, id = "", part] = hash.replace(/^#/, "").split("/");
  if (page !== "people" || id === "") return { page: "find" };
  return { page: "person", id: decoded(id), offer: part === "offer" };
}

export function hashOf(place: Place): string {
  if (place.page === "find") return "#/";
  return `#/people/${encodeURIComponent(place.id)}${place.offer ? "/offer" : ""}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
