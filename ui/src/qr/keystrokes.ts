/** A person types slower than this between two keys; a handheld scanner does not. */
const FASTEST_MS = 60;

/** Shorter than any code of ours, and longer than what fingers that roll over keys make. */
const SHORTEST = 6;

/** What to do with a keystroke. */
export type Keystroke =
  /** It is a person's, or nothing is known yet. */
  | "leave"
  /** It belongs to a scan under way: the page must not act on it. */
  | "swallow"
  /** It ended a scan. */
  | { scanned: string };

/** Tells a handheld scanner, which types very fast and ends with Enter, from a person. */
export class Keystrokes {
  #text = "";
  #lastAt = Number.NEGATIVE_INFINITY;

  /** Takes the `key` of a keydown event and its time in milliseconds. */
  take(key: string, at: number): Keystroke {
    const fast = at - this.#lastAt <= FASTEST_MS;
    if (key === "Enter") {
      const scanned = this.#text;
      this.#text = "";
      return fast && scanned.length >= SHORTEST ? { scanned } : "leave";
    }
    // Shift comes between the letters of a scan.
    if ([...key].length !== 1) return "leave";
    this.#text = fast ? this.#text + key : key;
    this.#lastAt = at;
    return this.#text.length > 1 ? "swallow" : "leave";
  }
}
