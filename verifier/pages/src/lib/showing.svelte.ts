/** One place where customers show cards without a network, one after the other. docs/offline-qr.md */
import { fromBase64url, toBase64url } from "@holdfast/ui/bytes";
import { type Failure, failureOf, follow, get, post, postForBlob } from "@holdfast/ui/service";
import { DESK } from "./base.ts";
import { type Challenge, isFinal, type OpenedOffline, type Outcome, type Taken } from "./types.ts";

/**
 * `opening` a check; `open` while its codes are shown and an answer is read; `done` with a verdict; `expired`
 * without one; `failed` to open, or lost.
 */
export type Phase = "opening" | "open" | "done" | "expired" | "failed";

/** The codes to show, as they are drawn. */
export interface Codes {
  frames: Uint8Array[];
  side: number;
  needed: number;
}

/** Why what was read so far is not enough, with a code of the service or of this page. */
export interface Remark {
  code: string;
  retryAfter?: number | undefined;
}

/** Codes that come one after the other are handed in together. */
const GATHER_MS = 250;
/** The service took none for the moment. */
const WAIT_MS = 2_000;
/** As many as the service takes at once. */
const MOST_FRAMES = 64;

/** Refusals after which the same check goes on, with nothing read. */
const BEGIN_AGAIN = ["answer_unreadable", "answer_of_another_check"];
/** Refusals after which it cannot. */
const OVER = ["not_found", "verification_process_closed", "signed_out"];
/** The service did not look at what was handed in. */
const NOT_LOOKED_AT = ["offline", "overloaded", "unavailable", "request_timeout", "too_many_attempts"];

export class Showing {
  phase = $state<Phase>("opening");
  opened = $state.raw<OpenedOffline>();
  codes = $state.raw<Codes>();
  received = $state(0);
  needed = $state(0);
  remark = $state.raw<Remark>();
  failure = $state.raw<Failure>();
  outcome = $state.raw<Outcome>();
  /** The portrait to compare; `lost` where it could not be had. */
  portrait = $state.raw<Blob | "lost">();

  #check: string;
  #round = 0;
  #gathered = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop: (() => void) | undefined;

  constructor(check: string) {
    this.#check = check;
  }

  /** Forgets the customer before, and asks the next one. */
  async next(): Promise<void> {
    this.close();
    const round = this.#round;
    this.phase = "opening";
    this.failure = undefined;
    try {
      const path = `${DESK}/checks/${encodeURIComponent(this.#check)}/offline`;
      const opened = await post<OpenedOffline>(path, {}, { key: crypto.randomUUID() });
      if (round !== this.#round) return void clear(opened.id);
      this.opened = opened;
      const challenge = await get<Challenge>(`${pathOf(opened.id)}/challenge`);
      if (round !== this.#round) return;
      const { side, needed } = challenge;
      this.codes = { frames: challenge.frames.map(fromBase64url), side, needed };
      this.phase = "open";
      this.#follow(opened.id);
    } catch (error) {
      if (round === this.#round) this.#fail(failureOf(error));
    }
  }

  /** Takes what codes hold that were read; the same ones may come again. */
  take(frames: readonly Uint8Array[]): void {
    if (this.phase !== "open") return;
    for (const frame of frames) this.#gathered.add(toBase64url(frame));
    this.#schedule(GATHER_MS);
  }

  /** Nothing of a customer stays, neither here nor at the service; also when the page is left. */
  close(): void {
    this.#round += 1;
    this.#rest();
    if (this.opened) clear(this.opened.id);
    this.opened = undefined;
    this.codes = undefined;
    this.outcome = undefined;
    this.portrait = undefined;
    this.remark = undefined;
    this.received = 0;
    this.needed = 0;
    if (this.phase === "done") this.phase = "opening";
  }

  #schedule(after: number): void {
    if (this.#timer !== undefined || this.#gathered.size === 0) return;
    this.#timer = setTimeout(() => void this.#handIn(), after);
  }

  async #handIn(): Promise<void> {
    const round = this.#round;
    const { opened } = this;
    if (!opened) return;
    const frames = [...this.#gathered].slice(0, MOST_FRAMES);
    for (const frame of frames) this.#gathered.delete(frame);
    let pause = GATHER_MS;
    try {
      const taken = await post<Taken>(`${pathOf(opened.id)}/frames`, { frames });
      if (round === this.#round) await this.#took(taken);
    } catch (error) {
      if (round !== this.#round) return;
      const failure = failureOf(error);
      if (NOT_LOOKED_AT.includes(failure.code)) {
        for (const frame of frames) this.#gathered.add(frame);
        pause = WAIT_MS;
      }
      this.#refused(failure);
    }
    if (round !== this.#round) return;
    this.#timer = undefined;
    if (this.phase === "open") this.#schedule(pause);
  }

  async #took(taken: Taken): Promise<void> {
    if (taken.state === "complete" && taken.outcome) return this.#end(taken.outcome);
    this.received = taken.received;
    this.needed = taken.needed;
    if (taken.state === "altered") this.remark = { code: "answer_altered" };
    else if (taken.received === 0 && taken.not_ours > 0) this.remark = { code: "not_a_code" };
    else this.remark = undefined;
  }

  #refused(failure: Failure): void {
    // What was on its way when the verdict came has nothing to say any more.
    if (this.phase !== "open") return;
    const { code, retryAfter } = failure;
    if (code === "session_expired") this.#expire();
    else if (OVER.includes(code)) this.#fail(failure);
    else this.remark = { code, retryAfter };
    if (BEGIN_AGAIN.includes(code)) this.received = 0;
  }

  #follow(id: string): void {
    this.#stop = follow<Outcome>("session", {
      path: pathOf(id),
      isFinal,
      onstate: (outcome) => {
        if (outcome.id !== this.opened?.id) return;
        if (outcome.verdict) void this.#end(outcome);
        else if (outcome.state === "expired") this.#expire();
      },
    });
  }

  async #end(outcome: Outcome): Promise<void> {
    if (this.phase !== "open") return;
    this.#rest();
    this.phase = "done";
    const round = this.#round;
    let portrait: Blob | "lost" | undefined;
    if (outcome.portrait) {
      portrait = await postForBlob(`${pathOf(outcome.id)}/portrait`, {}).catch(() => "lost" as const);
    }
    // Shown together: a face and the word that belongs to it.
    if (round !== this.#round) return;
    this.portrait = portrait;
    this.outcome = outcome;
  }

  #expire(): void {
    if (this.phase !== "open") return;
    this.#rest();
    this.codes = undefined;
    this.phase = "expired";
  }

  #fail(failure: Failure): void {
    this.#rest();
    this.failure = failure;
    this.phase = "failed";
  }

  /** Nothing is read or followed any more. */
  #rest(): void {
    this.#stop?.();
    this.#stop = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gathered.clear();
  }
}

function pathOf(id: string): string {
  return `${DESK}/sessions/${encodeURIComponent(id)}`;
}

/** Whether it is still there or not: afterwards it is not. */
function clear(id: string): void {
  void post<void>(`${pathOf(id)}/clear`, {}, { keepalive: true }).catch(() => undefined);
}
