// Made by generate.mjs from openapi.json. What is changed here is lost.

/** How an operation is called. */
export interface Operation {
  method: string;
  path: string;
  /** Where each parameter goes: `path`, `query` or `header`. */
  places: Record<string, string>;
  answer: "json" | "nothing" | "raw";
}

/** Calls an operation; the client has one. */
export type Call = <T>(operation: Operation, input: Record<string, unknown>) => Promise<T>;

/** What is told of a call that failed. RFC 9457 */
export type Problem = { type: string; title: string; status: number; code: string };

/** What `postChecksSessions` takes. */
export type PostChecksSessionsInput = {
  check: string;
  "Idempotency-Key"?: string;
  body?: { flow?: "cross_device" | "same_device" };
};
/** What it answers. */
export type PostChecksSessionsAnswer = {
  id: string;
  request_uri: string;
  qr_svg: string;
  expires_at: number;
  start_url?: string;
};
/** `POST /api/v1/checks/{check}/sessions`: Opens a session. */
export function postChecksSessions(
  call: Call,
  input: PostChecksSessionsInput,
): Promise<PostChecksSessionsAnswer> {
  return call<PostChecksSessionsAnswer>(
    {
      method: "POST",
      path: "/api/v1/checks/{check}/sessions",
      places: { check: "path", "Idempotency-Key": "header" },
      answer: "json",
    },
    input,
  );
}

/** What `postChecksSandbox` takes. */
export type PostChecksSandboxInput = {
  check: string;
  "Idempotency-Key"?: string;
  body: {
    reason:
      | "ok"
      | "rule_not_met"
      | "revoked"
      | "suspended"
      | "status_not_valid"
      | "expired"
      | "not_yet_valid"
      | "issuer_not_accepted"
      | "key_not_anchored"
      | "key_retired"
      | "holder_binding_mismatch"
      | "malformed_credential"
      | "not_of_its_type"
      | "type_unavailable"
      | "status_unavailable"
      | "metadata_unavailable"
      | "ledger_stale"
      | "no_quorum"
      | "ledger_split"
      | "refused"
      | "clock_wrong"
      | "rule_undecided"
      | "session_mismatch"
      | "internal";
  };
};
/** What it answers. */
export type PostChecksSandboxAnswer = {
  id: string;
  state: "open" | "scanned" | "answered" | "refused" | "expired";
  verdict?: "yes" | "no" | "could_not_check";
  reason?: string;
  ages?: { status_s?: number; ledger_s?: number; metadata_s?: number };
  limits?: { status_s: number; ledger_s: number; metadata_s: number };
  offline?: boolean;
  sandbox?: boolean;
  portrait?: boolean;
  claims?: Record<string, unknown>;
  rule?: string;
  fetched_list?: string;
  receipt?: string;
};
/** `POST /api/v1/checks/{check}/sandbox`: A session that is over at once, for this reason: nobody is asked. Only with a token for the sandbox (`sandbox:write`). */
export function postChecksSandbox(
  call: Call,
  input: PostChecksSandboxInput,
): Promise<PostChecksSandboxAnswer> {
  return call<PostChecksSandboxAnswer>(
    {
      method: "POST",
      path: "/api/v1/checks/{check}/sandbox",
      places: { check: "path", "Idempotency-Key": "header" },
      answer: "json",
    },
    input,
  );
}

/** What `getSessionsOne` takes. */
export type GetSessionsOneInput = { id: string; response_code?: string };
/** What it answers. */
export type GetSessionsOneAnswer = {
  id: string;
  state: "open" | "scanned" | "answered" | "refused" | "expired";
  verdict?: "yes" | "no" | "could_not_check";
  reason?: string;
  ages?: { status_s?: number; ledger_s?: number; metadata_s?: number };
  limits?: { status_s: number; ledger_s: number; metadata_s: number };
  offline?: boolean;
  sandbox?: boolean;
  portrait?: boolean;
  claims?: Record<string, unknown>;
  rule?: string;
  fetched_list?: string;
  receipt?: string;
};
/** `GET /api/v1/sessions/{id}`: Its outcome. OpenID4VP 1.0 §13.3 */
export function getSessionsOne(call: Call, input: GetSessionsOneInput): Promise<GetSessionsOneAnswer> {
  return call<GetSessionsOneAnswer>(
    {
      method: "GET",
      path: "/api/v1/sessions/{id}",
      places: { id: "path", response_code: "query" },
      answer: "json",
    },
    input,
  );
}

/** What `getSessionsEvents` takes. */
export type GetSessionsEventsInput = { id: string };
/** What it answers. */
export type GetSessionsEventsAnswer = Response;
/** `GET /api/v1/sessions/{id}/events`: The same as it changes. WHATWG HTML §9.2 */
export function getSessionsEvents(
  call: Call,
  input: GetSessionsEventsInput,
): Promise<GetSessionsEventsAnswer> {
  return call<GetSessionsEventsAnswer>(
    { method: "GET", path: "/api/v1/sessions/{id}/events", places: { id: "path" }, answer: "raw" },
    input,
  );
}

/** What `putBusinessesWebhooksOne` takes. */
export type PutBusinessesWebhooksOneInput = {
  business: string;
  webhook: string;
  body: { url: string; events: "session.closed"[] };
};
/** What it answers. */
export type PutBusinessesWebhooksOneAnswer = {
  id: string;
  url: string;
  events: "session.closed"[];
  state: "active" | "disabled";
  failures: number;
  waiting: number;
  dropped: number;
  secret: string;
  disabled_at?: number;
};
/** `PUT /api/v1/businesses/{business}/webhooks/{webhook}`: Says where messages go, with a new secret. Standard Webhooks 1.0 */
export function putBusinessesWebhooksOne(
  call: Call,
  input: PutBusinessesWebhooksOneInput,
): Promise<PutBusinessesWebhooksOneAnswer> {
  return call<PutBusinessesWebhooksOneAnswer>(
    {
      method: "PUT",
      path: "/api/v1/businesses/{business}/webhooks/{webhook}",
      places: { business: "path", webhook: "path" },
      answer: "json",
    },
    input,
  );
}

/** What `getBusinessesWebhooksOne` takes. */
export type GetBusinessesWebhooksOneInput = { business: string; webhook: string };
/** What it answers. */
export type GetBusinessesWebhooksOneAnswer = {
  id: string;
  url: string;
  events: "session.closed"[];
  state: "active" | "disabled";
  failures: number;
  waiting: number;
  dropped: number;
  disabled_at?: number;
};
/** `GET /api/v1/businesses/{business}/webhooks/{webhook}`: Where messages go, and how they fare. */
export function getBusinessesWebhooksOne(
  call: Call,
  input: GetBusinessesWebhooksOneInput,
): Promise<GetBusinessesWebhooksOneAnswer> {
  return call<GetBusinessesWebhooksOneAnswer>(
    {
      method: "GET",
      path: "/api/v1/businesses/{business}/webhooks/{webhook}",
      places: { business: "path", webhook: "path" },
      answer: "json",
    },
    input,
  );
}

/** What `deleteBusinessesWebhooksOne` takes. */
export type DeleteBusinessesWebhooksOneInput = { business: string; webhook: string };
/** What it answers. */
export type DeleteBusinessesWebhooksOneAnswer = void;
/** `DELETE /api/v1/businesses/{business}/webhooks/{webhook}`: Sends no more, and forgets what waits. */
export function deleteBusinessesWebhooksOne(
  call: Call,
  input: DeleteBusinessesWebhooksOneInput,
): Promise<DeleteBusinessesWebhooksOneAnswer> {
  return call<DeleteBusinessesWebhooksOneAnswer>(
    {
      method: "DELETE",
      path: "/api/v1/businesses/{business}/webhooks/{webhook}",
      places: { business: "path", webhook: "path" },
      answer: "nothing",
    },
    input,
  );
}
