/** The three lines for a code of the service. */
import { has, t } from "@holdfast/ui/messages";

interface Lines {
  what: string;
  safe: string;
  now: string;
}

/** Codes that mean the same to whoever stands at the counter. */
const SAME: Record<string, string> = {
  overloaded: "unavailable",
  request_timeout: "unavailable",
  too_many_streams: "unavailable",
  unknown_subject: "not_found",
  internal: "unknown",
  // What only a page of another version asks.
  unknown_credential_type: "mismatch",
  invalid_request: "mismatch",
  invalid_content: "mismatch",
  method_not_allowed: "mismatch",
  unsupported_media_type: "mismatch",
  too_large: "mismatch",
  refused: "mismatch",
  unauthorised: "mismatch",
  idempotency_key_missing: "mismatch",
  idempotency_key_reused: "mismatch",
};

/** What happened, what is safe, what to do. A code nobody here knows is said to be one. */
export function linesFor(code: string, retryAfter = 60): Lines {
  const said = saidAs(code) ?? "unknown";
  const minutes = Math.max(1, Math.ceil(retryAfter / 60));
  return {
    what: t(`agency.problem.${said}.what`),
    safe: t(`agency.problem.${said}.safe`),
    now: t(`agency.problem.${said}.now`, { minutes }),
  };
}

/** The key of a code's words, where there are any. */
export function saidAs(code: string): string | undefined {
  const key = Object.hasOwn(SAME, code) ? SAME[code] : code;
  return has(`agency.problem.${key}.what`) ? key : undefined;
}

/** Failures after which the service may have done what was asked. */
export function mayBeDone(code: string): boolean {
  return ["offline", "internal", "unavailable", "overloaded", "request_timeout", "signed_out"].includes(code);
}
