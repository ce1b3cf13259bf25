/** A verifier without a network, in the place of the service. */
import type { Page } from "playwright-core";
import { rowsOf } from "./frames.ts";
import { answers, both, tells, type Steps } from "./mocks.ts";

const CALLS = "**/desk/api/v1";

/** As long as a challenge is good for when it is shown. */
const GOOD_S = 300;

const LIMITS = { status_s: 86_400, ledger_s: 86_400, metadata_s: 86_400 };

/** What it holds when all is well. */
export const HELD = {
  kiosk: false,
  now: 1_795_176_000,
  clock: { wrong: false, behind_s: 0 },
  ledger: { organisations: 1, at: 1_795_174_980, age_s: 1_020 },
  lists: { held: 3, age_s: 900 },
  landmarks: [{ size: 12, at: 1_795_174_980 }],
  registered: { standing: "active", age_s: 1_020 },
  split: false,
};

export const holds = (held: object = {}): Steps => answers(`${CALLS}/held`, 200, { ...HELD, ...held });

/** What a challenge holds in this place: four frames that are needed, and two more. */
export const CHALLENGE = Array.from({ length: 6 }, (_, at) =>
  Uint8Array.from({ length: 520 }, (_, byte) => (byte * 151 + (byte >> 3) * 29 + at * 77) & 255),
);

/** How a check came out that was made without a network. */
export const cameOut = (verdict: string, reason: string, more: object = {}): object => ({
  state: "answered",
  verdict,
  reason,
  offline: true,
  ages: { status_s: 11_520, ledger_s: 11_520 },
  limits: LIMITS,
  ...more,
});

/** A check is open, and its code is there to be shown; events tell of these states. */
export const begins =
  (...states: object[]): Steps =>
  async (page, system) => {
    const expires_at = Math.floor(Date.now() / 1000) + GOOD_S;
    const codes = await Promise.all(CHALLENGE.map(rowsOf));
    const [{ side } = { side: 0 }] = codes;
    const frames = codes.map(({ rows }) => rows);
    const session = [{ state: "open" }, ...states].map((state) => ({ id: "o1", ...state }));
    await both(
      holds(),
      answers(`${CALLS}/checks/*/offline`, 200, { id: "o1", expires_at, limits: LIMITS }),
      answers(`${CALLS}/sessions/*/challenge`, 200, { expires_at, needed: 4, side, frames }),
      answers(`${CALLS}/sessions/*`, 200, session.at(-1) ?? {}),
      tells(`${CALLS}/sessions/*/events`, "session", ...session),
    )(page, system);
    await page.route(`${CALLS}/sessions/*/clear`, (route) => route.fulfill({ status: 204 }));
  };

/** What the service says to codes that are handed in. */
export const takes = (received: number, more: object = {}): Steps =>
  answers(`${CALLS}/sessions/*/frames`, 200, {
    received,
    needed: 5,
    state: "collecting",
    not_ours: 0,
    ...more,
  });

/** A portrait waits at the service. */
export const keepsPortrait =
  (picture: Uint8Array): Steps =>
  async (page) => {
    await page.route(`${CALLS}/sessions/*/portrait`, (route) =>
      route.fulfill({ contentType: "image/png", body: Buffer.from(picture) }),
    );
  };

/** Takes frames as the service does, and closes the check once there are enough of one answer. */
export class Taker {
  /** The frames that came, by their place in the message. */
  readonly frames = new Map<number, Buffer>();
  /** How many codes were no frame of an answer. */
  foreign = 0;
  /** How often a customer was forgotten. */
  cleared = 0;
  /** How often the portrait was fetched. */
  portraits = 0;
  /** It had its answer. The camera may go on seeing it, which is then one to another check. */
  #closed = false;

  constructor(
    readonly outcome: object,
    readonly portrait?: Uint8Array,
  ) {}

  /** Stands in the place of the service for a page. */
  async stand(page: Page): Promise<void> {
    await page.route(`${CALLS}/sessions/*/frames`, (route) => {
      if (this.#closed) return route.fulfill({ status: 409, json: { code: "answer_of_another_check" } });
      const { frames } = route.request().postDataJSON() as { frames: string[] };
      return route.fulfill({ json: this.#take(frames) });
    });
    await page.route(`${CALLS}/sessions/*/clear`, (route) => {
      this.cleared += 1;
      this.frames.clear();
      return route.fulfill({ status: 204 });
    });
    await page.route(`${CALLS}/sessions/*/portrait`, (route) => {
      this.portraits += 1;
      if (!this.portrait || this.portraits > 1)
        return route.fulfill({ status: 404, json: { code: "not_found" } });
      return route.fulfill({ contentType: "image/png", body: Buffer.from(this.portrait) });
    });
  }

  /** docs/offline-qr.md §4: version 1, type 2, 520 bytes; index and k at 4 and 5. */
  #take(texts: string[]): object {
    let strange = 0;
    for (const text of texts) {
      const frame = Buffer.from(text, "base64url");
      if (frame.length === 520 && frame[0] === 0x12) {
        this.frames.set(frame[4]!, frame);
      } else {
        strange += 1;
      }
    }
    this.foreign += strange;
    const received = this.frames.size;
    const needed = [...this.frames.values()][0]?.[5] ?? 0;
    const whole = needed > 0 && received >= needed;
    this.#closed = whole;
    return {
      received,
      needed,
      not_ours: strange,
      state: whole ? "complete" : "collecting",
      ...(whole ? { outcome: { id: "o1", ...this.outcome } } : {}),
    };
  }
}
