/** Where a check stands, from what the page's own service tells. */

/** A check that was started: what a wallet is shown. */
export interface Started {
  request_uri: string;
  qr_svg: string;
  /** In seconds since 1970. */
  expires_at: number;
}

/** Where it stands; `verdict` is there once it is over. */
export interface State {
  state: "open" | "scanned" | "answered" | "refused" | "expired";
  verdict?: "yes" | "no" | "could_not_check";
  reason?: string;
}

/** What is shown: a code, that somebody decides, how it ended, or that it did not begin. */
export type Phase = "loading" | "code" | "waiting" | "verdict" | "expired" | "error";

/** The phase of a check. */
export function phaseOf(started: Started | undefined, state: State | undefined, failed: boolean): Phase {
  if (state?.verdict) return "verdict";
  if (state?.state === "expired") return "expired";
  if (state?.state === "scanned") return "waiting";
  if (failed) return "error";
  return started ? "code" : "loading";
}

/** `4:05`; nothing is less than nothing. */
export function clock(seconds: number): string {
  const left = Math.max(0, Math.floor(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
