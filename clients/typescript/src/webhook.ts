/** Checking messages of a verifier. Standard Webhooks 1.0 */

/** What came of a session; more of it is told by the interface alone. */
export interface SessionClosed {
  type: "session.closed";
  data: {
    session: string;
    check: string;
    verdict: "yes" | "no" | "could_not_check";
    reason: string;
    /** The beginning of the hour, in seconds since 1970. */
    hour: number;
    /** There where nobody was asked: it is a trial of your own program. */
    sandbox?: true;
  };
}

/** Why a message is not believed. */
export type Refused = "header" | "time" | "signature" | "again";

/** A message that nobody should act on. */
export class WebhookError extends Error {
  constructor(readonly code: Refused) {
    super(`the message is not believed: ${code}`);
    this.name = "WebhookError";
  }
}

/** How far the time of a message may be off, in seconds. */
export const TOLERANCE_S = 300;

/** Checks messages to one address. It remembers the ids of the last minutes: nothing is taken twice. */
export class Webhook {
  readonly #key: Promise<CryptoKey>;
  readonly #taken = new Map<string, number>();

  /** With the secret that was told when the address was set: `whsec_…`. */
  constructor(secret: string) {
    const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (letter) => letter.charCodeAt(0));
    const hmac = { name: "HMAC", hash: "SHA-256" };
    this.#key = crypto.subtle.importKey("raw", bytes, hmac, false, ["verify"]);
  }

  /**
   * The message in a request, whose body comes as the text that was sent. It counts as taken from now on: if it is sent
   * again, that is refused with `again`, also where what was done with it failed. Where it can fail, use `handle`.
   */
  async verify(headers: Headers, body: string, now = Math.floor(Date.now() / 1000)): Promise<SessionClosed> {
    const id = headers.get("webhook-id");
    const timestamp = headers.get("webhook-timestamp");
    const signatures = headers.get("webhook-signature");
    if (!id || !timestamp || !signatures || !/^\d+$/.test(timestamp)) throw new WebhookError("header");
    if (Math.abs(now - Number(timestamp)) > TOLERANCE_S) throw new WebhookError("time");
    const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
    const good = await Promise.all(signatures.split(" ").map((one) => this.#isGood(one, signed)));
    if (!good.includes(true)) throw new WebhookError("signature");
    this.#take(id, now);
    return JSON.parse(body) as SessionClosed;
  }

  /**
   * Checks a message and does with it what is to be done. It counts as taken once that is done: where it fails, the
   * error comes back, and the message is believed again when it is sent again. Meanwhile it is refused with `again`.
   */
  async handle<Done>(
    headers: Headers,
    body: string,
    handler: (message: SessionClosed) => Promise<Done> | Done,
    now = Math.floor(Date.now() / 1000),
  ): Promise<Done> {
    const message = await this.verify(headers, body, now);
    try {
      return await handler(message);
    } catch (error) {
      this.#taken.delete(headers.get("webhook-id") ?? "");
      throw error;
    }
  }

  async #isGood(signature: string, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const [version, text] = signature.split(",", 2);
    if (version !== "v1" || !text) return false;
    try {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      return await crypto.subtle.verify("HMAC", await this.#key, bytes, signed);
    } catch {
      return false;
    }
  }

  #take(id: string, now: number): void {
    for (const [taken, at] of this.#taken) if (now - at > 2 * TOLERANCE_S) this.#taken.delete(taken);
    if (this.#taken.has(id)) throw new WebhookError("again");
    this.#taken.set(id, now);
  }
}
