/** Follows something that changes on the service until it is final, by events where there is a stream of them. */
import { Failure, failureOf, get } from "./api.ts";

interface Following<T> {
  /** Where the present state is read. */
  path: string;
  isFinal: (state: T) => boolean;
  onstate: (state: T) => void;
  /** Reading failed and goes on failing; `undefined` when it works again. */
  ontrouble?: (failure: Failure | undefined) => void;
}

/** Between two readings where there are no events. */
const PACE_MS = 2_000;

/** Reads again and again. Gives what stops it. */
export function poll<T>({ path, isFinal, onstate, ontrouble }: Following<T>): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  async function read(): Promise<void> {
    try {
      const state = await get<T>(path);
      if (stopped) return;
      ontrouble?.(undefined);
      onstate(state);
      if (isFinal(state)) return;
    } catch (error) {
      if (stopped) return;
      ontrouble?.(failureOf(error));
    }
    timer = setTimeout(() => void read(), PACE_MS);
  }
  void read();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Listens, and reads instead while there is no stream of events. Gives what stops it. */
export function follow<T>(following: Following<T>): () => void {
  const events = new EventSource(`${following.path}/events`);
  let stopPolling: (() => void) | undefined;
  function stop() {
    events.close();
    stopPolling?.();
  }
  function take(state: T) {
    following.onstate(state);
    if (following.isFinal(state)) stop();
  }
  events.addEventListener("session", (event: MessageEvent<string>) => {
    stopPolling?.();
    stopPolling = undefined;
    following.ontrouble?.(undefined);
    take(JSON.parse(event.data) as T);
  });
  events.addEventListener("error", () => {
    // The browser tries to connect again by itself, unless it was refused.
    stopPolling ??= poll({ ...following, onstate: take });
  });
  return stop;
}
