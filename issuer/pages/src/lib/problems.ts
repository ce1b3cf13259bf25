/** The three lines for a code of the service. */
import { has, t } from "@holdfast/ui/messages";
import { OF_ANOTHER_VERSION, wholeMinutes, type Lines } from "@holdfast/ui/service";

/** Codes that mean the same to whoever stands at the counter. */
const SAME: Record<string, string> = {
  overloaded: "unavailable",
  request_timeout: "unavailable",
  too_many_streams: "unavailable",
  unknown_subject: "not_found",
  internal: "unknown",
  ...OF_ANOTHER_VERSION,
  unknown_credential_type: "mismatch",
  unknown_format: "mismatch",
};

/** What happened, what is safe, what to do. A code nobody here knows is said to be one. */
export function linesFor(code: string, retryAfter = 60): Lines {
  const said = saidAs(code) ?? "unknown";
  return {
    what: t(`agency.problem.${said}.what`),
    safe: t(`agency.problem.${said}.safe`),
    now: t(`agency.problem.${said}.now`, { minutes: wholeMinutes(retryAfter) }),
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
