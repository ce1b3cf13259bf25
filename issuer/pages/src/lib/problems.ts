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
};

/** What happened, what is safe, what to do. A code nobody here knows is said to be one. */
export function linesFor(code: string): Lines {
  const named = SAME[code] ?? code;
  const known = has(`agency.problem.${named}.what`) ? named : "unknown";
  return {
    what: t(`agency.problem.${known}.what`),
    safe: t(`agency.problem.${known}.safe`),
    now: t(`agency.problem.${known}.now`),
  };
}

/** Failures after which the service may have done what was asked. */
export function mayBeDone(code: string): boolean {
  return ["offline", "internal", "unavailable", "overloaded", "request_timeout", "signed_out"].includes(code);
}
