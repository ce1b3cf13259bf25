/** One place where customers are asked, one after the other. */
import { type Failure, failureOf, follow, post } from "@holdfast/ui/service";
import { DESK } from "./base.ts";
import { isFinal, type Opened, type Outcome } from "./types.ts";

/**
 * `opening` a session; `waiting` for a wallet; `scanned` by one; `done` with a verdict; `expired` although
 * it was opened; `paused` because nobody came; `failed` to open.
 */
export type Phase = "opening" | "waiting" | "scanned" | "done" | "expired" | "paused" | "failed";

/** How often a code is renewed with nobody there, so that a forgotten page neither asks for ever nor keeps anybody signed in. */
export const MOST_RENEWALS = 5;

export class Asking {
  phase = $state<Phase>("opening");
  opened = $state.raw<Opened>();
  outcome = $state.raw<Outcome>();
  failure = $state.raw<Failure>();
  /** Events do not come; the state is read every few seconds. */
  slow = $state(false);

  #check: string;
  #api: string;
  #renewals = 0;
  #stop: (() => void) | undefined;
  #round = 0;

  /** At the desk, or at another address that has checks and sessions. */
  constructor(check: string, api = DESK) {
    this.#check = check;
    this.#api = api;
  }

  /** The path of the session, for what else is done with it. */
  get path(): string | undefined {
    return this.opened && `${this.#api}/sessions/${this.opened.id}`;
  }

  /** Asks the next customer, with a new session. */
  async next(): Promise<void> {
    this.#renewals = 0;
    await this.#open();
  }

  /** A session that ended by what was handed in here. */
  end(outcome: Outcome): void {
    this.#take(outcome);
  }

  /** Stops following. */
  close(): void {
    this.#round += 1;
    this.#stop?.();
  }

  async #open(): Promise<void> {
    this.close();
    const round = this.#round;
    this.phase = "opening";
    this.outcome = undefined;
    this.failure = undefined;
    try {
      const path = `${this.#api}/checks/${encodeURIComponent(this.#check)}/sessions`;
      const opened = await post<Opened>(path, {}, { key: crypto.randomUUID() });
      if (round !== this.#round) return;
      this.opened = opened;
      this.phase = "waiting";
      this.#follow(opened);
    } catch (error) {
      if (round !== this.#round) return;
      this.opened = undefined;
      this.failure = failureOf(error);
      this.phase = "failed";
    }
  }

  #follow(opened: Opened): void {
    this.#stop = follow<Outcome>("session", {
      path: `${this.#api}/sessions/${opened.id}`,
      isFinal,
      onstate: (outcome) => this.#take(outcome),
      ontrouble: (failure) => (this.slow = failure !== undefined),
    });
  }

  #take(outcome: Outcome): void {
    if (outcome.id !== this.opened?.id || this.phase === "done") return;
    if (outcome.verdict) {
      this.close();
      this.outcome = outcome;
      this.phase = "done";
    } else if (outcome.state === "scanned") {
      this.phase = "scanned";
    } else if (outcome.state === "expired") {
      this.#over();
    }
  }

  #over(): void {
    this.close();
    if (this.phase === "scanned") {
      this.phase = "expired";
    } else if (this.#renewals < MOST_RENEWALS) {
      this.#renewals += 1;
      void this.#open();
    } else {
      this.phase = "paused";
    }
  }
}
