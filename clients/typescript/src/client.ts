/** The verifier's interface for programs of a business. It needs a token, so it runs where nobody else reads: on a server. */
import {
  type Call,
  deleteBusinessesWebhooksOne,
  getBusinessesWebhooksOne,
  getSessionsEvents,
  getSessionsOne,
  type GetSessionsOneAnswer,
  type Operation,
  postChecksSandbox,
  type PostChecksSandboxInput,
  postChecksSessions,
  type PostChecksSessionsAnswer,
  type Problem,
  putBusinessesWebhooksOne,
  type PutBusinessesWebhooksOneAnswer,
} from "./operations.ts";

/** Where the verifier is, and as whom it is called. */
export interface Settings {
  /** Its address, such as `https://verifier.example`. */
  address: string;
  /** A token of the business. */
  token: string;
  /** For tests. */
  fetch?: typeof fetch;
}

/** A call that was refused, or could not be made: then the code is `offline`. */
export class HoldfastError extends Error {
  constructor(
    /** Stable, for programs. */
    readonly code: string,
    /** 0 where nobody answered. */
    readonly status: number,
    /** Seconds after which trying again makes sense. */
    readonly retryAfter: number | undefined,
    readonly problem: Problem | undefined,
  ) {
    super(problem?.title ?? code);
    this.name = "HoldfastError";
  }
}

/** An open session: what a wallet is shown. */
export type Opened = PostChecksSessionsAnswer;
/** A session: `verdict` is there once it is over. */
export type Outcome = GetSessionsOneAnswer;

/** Calls a verifier as one business. */
export class Holdfast {
  readonly #call: Call;

  constructor(settings: Settings) {
    this.#call = caller(settings);
  }

  /**
   * Opens a session of a check. A call that may have got lost is repeated with the same key: it then opens one
   * session, however often it arrives.
   */
  open(
    check: string,
    {
      flow = "cross_device",
      key = crypto.randomUUID(),
    }: { flow?: "cross_device" | "same_device"; key?: string } = {},
  ): Promise<Opened> {
    return postChecksSessions(this.#call, { check, "Idempotency-Key": key, body: { flow } });
  }

  /**
   * A session that is over at once, for this reason: nobody is asked. To try what comes of an outcome; it says
   * `sandbox`, and so does the message about it. It takes a token with the scope `sandbox:write`, which no live program
   * should hold.
   */
  rehearse(
    check: string,
    reason: PostChecksSandboxInput["body"]["reason"],
    { key = crypto.randomUUID() }: { key?: string } = {},
  ): Promise<Outcome> {
    return postChecksSandbox(this.#call, { check, "Idempotency-Key": key, body: { reason } });
  }

  /** Its outcome; on the same device with the code that the browser brought back. */
  read(id: string, responseCode?: string): Promise<Outcome> {
    return getSessionsOne(this.#call, responseCode ? { id, response_code: responseCode } : { id });
  }

  /** The same as it changes, until it is over. */
  async *follow(id: string): AsyncGenerator<Outcome> {
    const { body } = await getSessionsEvents(this.#call, { id });
    if (!body) return;
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(bytes, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const line = event.split("\n").find((each) => each.startsWith("data: "));
        if (line) yield JSON.parse(line.slice("data: ".length)) as Outcome;
      }
    }
  }

  /** Says where messages go; the secret to check them with is told this once. */
  setWebhook(business: string, webhook: string, url: string): Promise<PutBusinessesWebhooksOneAnswer> {
    return putBusinessesWebhooksOne(this.#call, {
      business,
      webhook,
      body: { url, events: ["session.closed"] },
    });
  }

  /** How messages to an address fare. */
  webhook(business: string, webhook: string) {
    return getBusinessesWebhooksOne(this.#call, { business, webhook });
  }

  /** Sends no more there. */
  removeWebhook(business: string, webhook: string): Promise<void> {
    return deleteBusinessesWebhooksOne(this.#call, { business, webhook });
  }
}

function caller({ address, token, fetch: send = fetch }: Settings): Call {
  return async <T>(operation: Operation, input: Record<string, unknown>): Promise<T> => {
    const { url, headers } = placed(address, operation, input);
    headers.set("authorization", `Bearer ${token}`);
    const request: RequestInit = { method: operation.method, headers, redirect: "error" };
    if (input["body"] !== undefined) {
      headers.set("content-type", "application/json");
      request.body = JSON.stringify(input["body"]);
    }
    const response = await send(url, request).catch(() => {
      throw new HoldfastError("offline", 0, undefined, undefined);
    });
    if (!response.ok) throw await failed(response);
    if (operation.answer === "nothing") return undefined as T;
    return (operation.answer === "raw" ? response : await response.json()) as T;
  };
}

function placed(address: string, { path, places }: Operation, input: Record<string, unknown>) {
  const headers = new Headers();
  const query = new URLSearchParams();
  let filled = path;
  for (const [name, place] of Object.entries(places)) {
    const value = input[name];
    if (value === undefined) continue;
    if (place === "path") filled = filled.replace(`{${name}}`, encodeURIComponent(String(value)));
    else if (place === "query") query.set(name, String(value));
    else headers.set(name, String(value));
  }
  const search = query.size > 0 ? `?${query}` : "";
  return { url: `${address.replace(/\/+$/, "")}${filled}${search}`, headers };
}

async function failed(response: Response): Promise<HoldfastError> {
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  const seconds = Number(response.headers.get("retry-after"));
  const code = typeof problem?.code === "string" ? problem.code : "internal";
  return new HoldfastError(code, response.status, seconds > 0 ? seconds : undefined, problem);
}
