/** What this verifier holds, for all that is on a page; read again as long as it is shown. */
import { type Failure, failureOf, get } from "@holdfast/ui/service";
import { DESK } from "./base.ts";
import type { Held } from "./types.ts";

/** What is told is rounded to minutes. */
const PACE_MS = 30_000;

class Holding {
  value = $state.raw<Held>();
  failure = $state.raw<Failure>();

  /** Whether checks over the network can be begun here; not known before it was read. */
  get online(): boolean | undefined {
    return this.value ? !this.value.kiosk : this.failure ? true : undefined;
  }

  load = async (): Promise<void> => {
    try {
      this.value = await get<Held>(`${DESK}/held`);
      this.failure = undefined;
    } catch (error) {
      this.failure = failureOf(error);
    }
  };

  /** Reads it now and then. Gives what stops it. */
  watch(): () => void {
    void this.load();
    const timer = setInterval(() => void this.load(), PACE_MS);
    return () => clearInterval(timer);
  }
}

export const holding = new Holding();
