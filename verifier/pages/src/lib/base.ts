/** Whose desk a page is of: it stands before everything else in its address. */

/** `/b/ID` of a business that was added to the service; nothing for that of its configuration. */
export function baseOf(path: string): string {
  return /^\/b\/[a-z0-9-]{1,64}(?=\/|$)/.exec(path)?.[0] ?? "";
}

/** That of this page. */
export const BASE = typeof location === "undefined" ? "" : baseOf(location.pathname);

/** Below it is all that the desk asks of the service. */
export const DESK = `${BASE}/desk/api/v1`;
