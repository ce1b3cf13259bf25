/** From what a command failed with to the three lines a person reads. */
import { currentLocale, has, t, type Params } from "@holdfast/ui/messages";
import type { WalletError } from "./backend/types";

/** What `Problem` shows. */
export interface ProblemWords {
  code: string;
  what: string;
  safe: string;
  now: string;
}

/** Codes that mean the same to a person are said in the same words; the code itself is still shown. */
const SAID_AS: Record<string, string> = {
  ledger_record_incomplete: "ledger_proof_invalid",
  unresolvable_status_list: "status_unavailable",

  issuer_not_accepted: "not_vouched_for",
  issuer_deactivated: "not_vouched_for",
  key_retired: "not_vouched_for",
  key_not_anchored: "not_vouched_for",
  certificate_not_trusted: "not_vouched_for",
  verifier_not_in_record: "verifier_not_authenticated",

  offer_does_not_fit: "offer_invalid",
  issuer_metadata_invalid: "issuer_failed",
  unauthorized_client: "issuer_failed",
  unsupported_grant_type: "issuer_failed",
  invalid_authorization_details: "issuer_failed",
  invalid_dpop_proof: "issuer_failed",
  use_dpop_nonce: "issuer_failed",
  invalid_token: "issuer_failed",
  insufficient_scope: "issuer_failed",
  invalid_credential_request: "issuer_failed",
  unknown_credential_configuration: "issuer_failed",
  unknown_credential_identifier: "issuer_failed",
  invalid_proof: "issuer_failed",
  invalid_nonce: "issuer_failed",
  invalid_encryption_parameters: "issuer_failed",
  invalid_transaction_id: "issuer_failed",

  server_error: "temporarily_unavailable",

  card_missing: "card_invalid",
  card_with_key_binding: "card_invalid",
  card_bound_to_foreign_key: "card_invalid",
  card_of_other_type: "card_invalid",
  card_copies_differ: "card_invalid",
  card_copies_linkable: "card_invalid",

  invalid_client: "invalid_request",
  invalid_scope: "invalid_request",
  invalid_request_uri_method: "invalid_request",
  invalid_transaction_data: "invalid_request",
  unsupported_response_type: "query_not_supported",
  vp_formats_not_supported: "query_not_supported",
  answer_not_made: "answer_differs_from_consent",
};

/** Numbers and names that a sentence may use, where the error did not bring them. */
const DEFAULTS: Params = { attemptsLeft: 0, waitS: 0, seconds: 0, needed: 12, path: "none" };

/** The words for anything that was thrown. */
export function problemOf(error: unknown): ProblemWords {
  const { code, params } = isWalletError(error) ? error : { code: "unknown", params: {} };
  const said = saidAs(code) ?? "unknown";
  const known: Params = { ...DEFAULTS, ...params };
  const wait = duration(waitOf(error));
  const say = (line: string) => t(`errors.${said}.${line}`, { ...known, wait });
  return { code, what: say("what"), safe: say("safe"), now: say("now") };
}

/** The key of a code's words, where there are any. */
export function saidAs(code: string): string | undefined {
  const key = Object.hasOwn(SAID_AS, code) ? SAID_AS[code] : code;
  return key !== undefined && has(`errors.${key}.what`) ? key : undefined;
}

/** Whether the wallet itself said what went wrong; anything else is a mistake in this window. */
export function isWalletError(error: unknown): error is WalletError {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    typeof error.code === "string" &&
    "params" in error
  );
}

/** The stable code of anything that was thrown. */
export function codeOf(error: unknown): string {
  return isWalletError(error) ? error.code : "unknown";
}

/** For how many seconds nothing can be tried; none where it can be tried at once. */
export function waitOf(error: unknown): number {
  if (!isWalletError(error)) return 0;
  return Number(error.params["seconds"] ?? error.params["waitS"] ?? 0);
}

/** A wait in the reader's way of writing, in the largest unit that says enough. */
function duration(seconds: number): string {
  const [value, unit] =
    seconds < 120
      ? [seconds, "second"]
      : seconds < 7_200
        ? [Math.ceil(seconds / 60), "minute"]
        : [Math.ceil(seconds / 3_600), "hour"];
  const format = { style: "unit", unit, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(currentLocale(), format).format(value);
}
