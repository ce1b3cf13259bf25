/** Calls to the service of this page. */

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

export async function get<T>(path: string): Promise<T> {
  return call<T>(path, {});
}

/** An unsafe call; with a key, repeating it has no second effect. */
export async function post<T>(path: string, body: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (key) headers["idempotency-key"] = `"${key}"`;
  return call<T>(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** The failure in whatever was thrown. */
export function failureOf(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure("internal");
}

async function call<T>(path: string, request: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { ...request, signal: AbortSignal.timeout(LONGEST_MS) });
  } catch {
    throw new Failure("offline");
  }
  if (response.status === 204) return undefined as T;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  const code = codeOf(body);
  if (code === "signed_out") window.dispatchEvent(new Event(SIGNED_OUT));
  throw new Failure(code, secondsOf(response));
}

function codeOf(body: unknown): string {
  const code = typeof body === "object" && body !== null && "code" in body ? body.code : undefined;
  return typeof code === "string" ? code : "internal";
}

function secondsOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after"));
  return seconds > 0 ? seconds : undefined;
}
