/** What the service tells, as it tells it. */

/** A text by language. */
export type Texts = Record<string, string>;

export interface Site {
  name: Texts | null;
  host: string;
}

export interface AskedClaim {
  label: Texts;
  optional: boolean;
  kept: boolean;
}

export interface Asked {
  card: Texts;
  claims: AskedClaim[];
}

export interface Check {
  id: string;
  title: Texts;
  purpose: Texts;
  channel: "online" | "in_person";
  asked: Asked[];
  kept_days: number;
}

export interface Checks {
  site: Site;
  checks: Check[];
}

export interface Opened {
  id: string;
  request_uri: string;
  qr_svg: string;
  expires_at: number;
}

export type SessionState = "open" | "scanned" | "answered" | "refused" | "expired";
export type VerdictWord = "yes" | "no" | "could_not_check";

/** A session: `verdict` and what follows are there once it has its answer. */
export interface Outcome {
  id: string;
  state: SessionState;
  verdict?: VerdictWord;
  reason?: string;
  ages?: { status_s?: number; ledger_s?: number; metadata_s?: number };
  claims?: Record<string, Record<string, unknown>>;
  fetched_list?: string;
}

export interface Me {
  name: string;
  role: string;
}

export interface Done {
  at: number;
  check: string;
  verdict: VerdictWord;
  reason: string;
  operator: string;
}

export interface Offered {
  site: Site;
  purpose: Texts;
  asked: Asked[];
  kept_days: number;
  privacy_policy: string;
}

export interface Started {
  request_uri: string;
  qr_svg: string;
  expires_at: number;
}

export interface OrderState {
  state: SessionState;
  verdict?: VerdictWord;
  reason?: string;
}

/** Whether nothing changes any more. */
export function isFinal(outcome: Pick<Outcome, "state" | "verdict">): boolean {
  return outcome.verdict !== undefined || outcome.state === "expired";
}
