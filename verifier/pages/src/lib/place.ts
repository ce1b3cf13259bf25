/** Which page of the desk an address is. */
export type Place = { page: "home" } | { page: "today" } | { page: "ask" | "scan"; check: string };

export function placeOf(path: string): Place {
  const [, page, check = ""] = path.split("/");
  if (page === "today") return { page };
  if (page === "ask" || page === "scan") return { page, check: decoded(check) };
  return { page: "home" };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
