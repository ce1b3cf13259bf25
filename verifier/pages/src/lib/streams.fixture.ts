/** For tests: streams of events that tell what a test says. */
import type { Outcome } from "./types.ts";

/** The streams of events that were opened, by path; a test says what they tell. */
export const streams: Stream[] = [];

export class Stream {
  closed = false;
  #listeners: ((event: { data: string }) => void)[] = [];
  constructor(readonly path: string) {
    streams.push(this);
  }
  addEventListener(name: string, listener: (event: { data: string }) => void) {
    if (name === "session") this.#listeners.push(listener);
  }
  close() {
    this.closed = true;
  }
  tell(state: Partial<Outcome>) {
    const id = this.path.split("/").at(-2);
    for (const listener of this.#listeners) listener({ data: JSON.stringify({ id, ...state }) });
  }
}
