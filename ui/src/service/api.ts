/** Calls to the service of a page. */

/** A call that failed: the service's stable code, or `offline`. */
export class Failure extends Error {
  constructor(
    readonly code: string,
    /** Seconds after which trying again makes sense. */
    readonly retryAfter?: number | undefined,
  ) {
    super(code);
  }
}

/** Dispatched on the window when the service says that nobody is signed in any more. */
export const SIGNED_OUT = "holdfast:signed-out";

const LONGEST_MS = 15_000;

/** Reads something. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return call<T>(path, {}, signal);
}

/** A call that may change something; with a key, repeating it has no second effect. */
export async function post<T>(
  path: string,
  body: unknown,
  { key, signal, keepalive = false }: Posting = {},
): Promise<T> {
  return call<T>(path, { ...posted(body, key), keepalive }, signal);
}

/** A call that is answered with a picture instead of JSON. */
export async function postForBlob(path: string, body: unknown): Promise<Blob> {
  const response = await reached(path, posted(body));
  if (response.ok) return response.blob();
  throw failed(response, await bodyOf(response));
}

/** How a call is made that may change something. */
export interface Posting {
  key?: string;
  signal?: AbortSignal;
  /** It goes on when the page is left. */
  keepalive?: boolean;
}

/** The failure in whatever was thrown. */
export function failureOf(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure("internal");
}

function posted(body: unknown, key?: string): RequestInit {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (key) headers["idempotency-key"] = `"${key}"`;
  return { method: "POST", headers, body: JSON.stringify(body) };
}

async function call<T>(path: string, request: RequestInit, signal?: AbortSignal): Promise<T> {
  const response = await reached(path, request, signal);
  if (response.status === 204) return undefined as T;
  const body = await bodyOf(response);
  if (response.ok && body !== undefined) return body as T;
  throw failed(response, body);
}

async function reached(path: string, request: RequestInit, signal?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(LONGEST_MS);
  try {
    return await fetch(path, { ...request, signal: signal ? AbortSignal.any([signal, limit]) : limit });
  } catch {
    throw new Failure("offline");
  }
}

function bodyOf(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined);
}

/** The failure that an answer is; a session that is over is told to the whole page. */
function failed(response: Response, body: unknown): Failure {
  const code = codeOf(body);
  if (code === "signed_out") window.dispatchEvent(new Event(SIGNED_OUT));
  return new Failure(code, secondsOf(response));
}

function codeOf(body: unknown): string {
  const code = typeof body === "object" && body !== null && "code" in body ? body.code : undefined;
  return typeof code === "string" ? code : "internal";
}

function secondsOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after"));
  return seconds > 0 ? seconds : undefined;
}
