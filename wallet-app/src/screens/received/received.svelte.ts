/** Cards that came and wait for "is this you?". */
import type { Backend, Received } from "../../lib/backend/types";
import { Once } from "../../lib/once.svelte";

export type Answer = "none" | "kept" | "rejected";

export class ReceivedCards {
  answer = $state<Answer>("none");
  /** Why the answer did not go through; the cards go on waiting. */
  error = $state.raw<unknown>(null);
  readonly once = new Once();
  readonly received: Received;
  readonly #backend: Backend;

  constructor(backend: Backend, received: Received) {
    this.#backend = backend;
    this.received = received;
  }

  /** "Yes, this is me." */
  keep(): Promise<void> {
    return this.#say("kept", () => this.#backend.keepCards(this.received.handle));
  }

  /** "No": what came is destroyed. */
  reject(): Promise<void> {
    return this.#say("rejected", () => this.#backend.rejectCards(this.received.handle));
  }

  /** One answer only: a second tap finds it given. */
  #say(answer: Answer, work: () => Promise<void>): Promise<void> {
    return this.once.run(async () => {
      if (this.answer !== "none" || this.error !== null) return;
      try {
        await work();
        this.answer = answer;
      } catch (error) {
        this.error = error;
      }
    });
  }
}
