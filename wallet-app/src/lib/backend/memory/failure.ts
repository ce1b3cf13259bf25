import type { WalletError } from "../types";

/** What a command fails with. */
export function failure(code: string, params: WalletError["params"] = {}): WalletError {
  return { code, params };
}
