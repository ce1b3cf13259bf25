/** How screens reach the wallet: the app provides one backend, whichever it is. */
import { getContext, setContext } from "svelte";
import type { Backend } from "./types";

const KEY = Symbol("backend");

/** Called once, by the app's outermost component. */
export function provideBackend(backend: Backend): void {
  setContext(KEY, backend);
}

/** The wallet behind this window; called while a component is set up. */
export function useBackend(): Backend {
  return getContext<Backend>(KEY);
}
