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

/** What stays as it is, however often it is asked. */
const FINAL = [
  "not_found",
  "unknown_subject",
  "authorization_request_object_not_found",
  "not_allowed",
  "revoked",
  "offer_taken",
  "not_in_register",
];

/** Whether the same, asked once more, may go better. */
export function retryHelps(code: string): boolean {
  return !FINAL.includes(code);
}
