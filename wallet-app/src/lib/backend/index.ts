/**
 * Which wallet is behind this window. The build's mode is a constant when it is bundled, so the other
 * branch, and the backend it names, is not in the build at all.
 */
import type { Backend } from "./types";

export async function connect(): Promise<Backend> {
  if (import.meta.env.MODE === "memory") {
    return (await import("./memory")).memoryFromAddress(location.search);
  }
  return (await import("./tauri")).tauriBackend();
}
