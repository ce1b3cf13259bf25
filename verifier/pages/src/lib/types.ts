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
  /** It is one of several answers of which any is enough. */
  choice?: boolean;
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

/** What anybody may try out. */
export interface Trials {
  checks: Pick<Check, "id" | "title">[];
}

export interface Opened {
  id: string;
  request_uri: string;
  qr_svg: string;
  expires_at: number;
}

export type SessionState = "open" | "scanned" | "answered" | "refused" | "expired";
export type VerdictWord = "yes" | "no" | "could_not_check";

/** The highest ages that a check allows, in seconds. */
export interface Limits {
  status_s: number;
  ledger_s: number;
  metadata_s: number;
}

/** A session: `verdict` and what follows are there once it has its answer. */
export interface Outcome {
  id: string;
  state: SessionState;
  verdict?: VerdictWord;
  reason?: string;
  ages?: { status_s?: number; ledger_s?: number; metadata_s?: number };
  claims?: Record<string, Record<string, unknown>>;
  /** Which rule decided, by its hash. */
  rule?: string;
  fetched_list?: string;
  limits?: Limits;
  /** Asked and answered without a network. */
  offline?: boolean;
  /** A portrait waits to be shown. */
  portrait?: boolean;
}

/** A check that was begun without a network. */
export interface OpenedOffline {
  id: string;
  expires_at: number;
  limits: Limits;
}

/** The codes to show: any `needed` of them are the whole challenge. */
export interface Challenge {
  expires_at: number;
  needed: number;
  /** Modules across a code. */
  side: number;
  /** Each as rows of bits, in base64url. */
  frames: string[];
}

/** What came of the codes that were handed in. */
export interface Taken {
  received: number;
  needed: number;
  state: "collecting" | "altered" | "complete";
  /** How many were no part of an answer. */
  not_ours: number;
  outcome?: Outcome;
}

/** What this verifier holds, and how old it is; what is absent is not held. */
export interface Held {
  /** It is not meant to have a network. */
  kiosk: boolean;
  now: number;
  clock: { wrong: boolean; behind_s: number };
  ledger: { organisations: number; at?: number; age_s?: number };
  lists: { held: number; age_s?: number };
  landmarks: { size: number; at?: number }[];
  /** Whether the business of this desk may ask, and how old what is known of that is. */
  registered: { standing: "waiting" | "active" | "suspended"; age_s?: number };
  split: boolean;
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
