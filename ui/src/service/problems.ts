/** What the pages of all services share of the words for a failure. */

/** What happened, what is safe, what to do. */
export interface Lines {
  what: string;
  safe: string;
  now: string;
}

/** What only a page of another version asks of a service: one set of words, `mismatch`, for all of it. */
export const OF_ANOTHER_VERSION: Record<string, string> = Object.fromEntries(
  [
    "invalid_request",
    "invalid_content",
    "method_not_allowed",
    "unsupported_media_type",
    "too_large",
    "refused",
    "unauthorised",
    "idempotency_key_missing",
    "idempotency_key_reused",
  ].map((code) => [code, "mismatch"]),
);

/** For how many minutes to wait, in words: never none. */
export function wholeMinutes(seconds: number): number {
  return Math.max(1, Math.ceil(seconds / 60));
}
