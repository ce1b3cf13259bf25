/** The three lines for a code of the service. */
import { has, t } from "@holdfast/ui/messages";

interface Lines {
  what: string;
  safe: string;
  now: string;
}

/** Codes that mean the same to whoever stands at the desk. */
const SAME: Record<string, string> = {
  too_many_streams: "too_many_sessions",
  overloaded: "too_many_sessions",
};

export function deskProblem(code: string): Lines {
  const named = SAME[code] ?? code;
  const known = has(`business.problem.${named}.what`) ? named : "unavailable";
  return {
    what: t(`business.problem.${known}.what`),
    safe: t(`business.problem.${known}.safe`),
    now: t(`business.problem.${known}.now`),
  };
}

/** For customers of the shop; they need not know more than whether to wait. */
export function shopProblem(code: string, retryAfter = 60): Lines {
  const busy = ["too_many_attempts", "too_many_sessions", "overloaded"].includes(code);
  const known = code === "offline" ? "offline" : busy ? "busy" : "broken";
  return {
    what: t(`shop.problem.${known}.what`),
    safe: t(`shop.problem.${known}.safe`),
    now: t(`shop.problem.${known}.now`, { minutes: Math.max(1, Math.ceil(retryAfter / 60)) }),
  };
}
