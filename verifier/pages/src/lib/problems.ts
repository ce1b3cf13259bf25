/** The three lines for a code of the service, or for a code that was scanned. */
import { has, t } from "@holdfast/ui/messages";
import { OF_ANOTHER_VERSION, wholeMinutes, type Lines } from "@holdfast/ui/service";
import type { Scanned } from "./scanned.ts";

/** Codes that mean the same to whoever stands at the desk. */
const SAME: Record<string, string> = {
  too_many_streams: "too_many_sessions",
  overloaded: "unavailable",
  request_timeout: "unavailable",
  authorization_request_object_not_found: "not_found",
  ...OF_ANOTHER_VERSION,
  malformed: "mismatch",
  no_return_url: "mismatch",
  scope_missing: "mismatch",
  outside_scope: "not_registered",
};

/** What happened, what is safe, what to do. A code nobody here knows is said to be one. */
export function deskProblem(code: string, retryAfter = 60): Lines {
  const said = saidAs(code) ?? "unknown";
  return {
    what: t(`business.problem.${said}.what`),
    safe: t(`business.problem.${said}.safe`),
    now: t(`business.problem.${said}.now`, { minutes: wholeMinutes(retryAfter) }),
  };
}

/** The key of a code's words at the desk, where there are any. */
export function saidAs(code: string): string | undefined {
  const key = Object.hasOwn(SAME, code) ? SAME[code] : code;
  return has(`business.problem.${key}.what`) ? key : undefined;
}

/** A scanned code that is no answer, with a stable code of its own; our own codes are called what they are. */
export function refusedCode(
  kind: Extract<Scanned, { refused: string }>["refused"],
): Lines & { code: string } {
  return {
    code: REFUSED[kind] ?? "not_a_code",
    what: t(`business.scan.refused.${kind}.what`),
    safe: t(`business.scan.refused.${kind}.safe`),
    now: t(`business.scan.refused.${kind}.now`),
  };
}

const REFUSED: Partial<Record<string, string>> = {
  several: "two_codes",
  offer: "code_of_an_offer",
  request: "code_of_a_check",
};

/** For customers of the shop; they need not know more than whether to wait. */
export function shopProblem(code: string, retryAfter = 60): Lines {
  const busy = ["too_many_attempts", "too_many_sessions", "overloaded"].includes(code);
  const known = code === "offline" ? "offline" : busy ? "busy" : "broken";
  return {
    what: t(`shop.problem.${known}.what`),
    safe: t(`shop.problem.${known}.safe`),
    now: t(`shop.problem.${known}.now`, { minutes: wholeMinutes(retryAfter) }),
  };
}
