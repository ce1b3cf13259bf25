/** The lists of whom to trust that this backend knows, by what stands behind `holdfast-ecosystem://demo/`; an address
 *  that is there too changes nothing. */
import type { OfferedTrusted, TrustedList } from "../types";
import { failure } from "./failure";
import { CONFIRMED_AT } from "./parties";

const YEAR = 365 * 86_400;

const FIRST: TrustedList = {
  name: "Nordmark",
  mode: "test",
  version: 1,
  expiresAt: CONFIRMED_AT + YEAR,
  fingerprint: "9c1e 04b7 55d2 a3f0 6e18 7720 c4ab 19de 83f5 2b6a d017 4e9c 5fa8 3310 e2c6 7b94",
};

const NEWER: TrustedList = {
  ...FIRST,
  version: 2,
  expiresAt: CONFIRMED_AT + 3 * YEAR,
  fingerprint: "27f3 d81a 904c 6be5 1f72 cc08 e3d9 5a41 b60e 8d27 42f9 a05c 7713 9be8 640d f15a",
};

/** What opening one of the others comes to. */
const REFUSED: Record<string, string> = {
  live: "ecosystem_other_mode",
  other: "ecosystem_other",
  changed: "fingerprint_differs",
  away: "ecosystem_unreachable",
};

export class Trusted {
  #own: TrustedList | null;
  #shown: TrustedList | null = null;

  /** A wallet that belongs somewhere already, or does not yet. */
  constructor(belongs: boolean) {
    this.#own = belongs ? FIRST : null;
  }

  get own(): TrustedList | null {
    return this.#own;
  }

  open(link: string): OfferedTrusted {
    const [, name = ""] = /^holdfast-ecosystem:\/\/demo\/(\w+)(?:\?.*)?$/i.exec(link.trim()) ?? [];
    const refused = REFUSED[name];
    if (refused !== undefined) throw failure(refused);
    const list = { first: FIRST, newer: NEWER }[name];
    if (list === undefined) throw failure("ecosystem_link_invalid");
    this.#shown = list;
    if (this.#own === null) return { list, comes: "first" };
    return { list, comes: list.version === this.#own.version ? "already" : "newer" };
  }

  take(fingerprint: string): void {
    if (this.#shown?.fingerprint !== fingerprint) throw failure("handle_gone");
    this.#own = this.#shown;
  }
}
