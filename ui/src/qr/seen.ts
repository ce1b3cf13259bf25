import type { Code } from "./decode.ts";

/** After so long out of the view, the same code counts as shown again. */
const AWAY_MS = 1500;

/** Which codes the camera has in view, so that each is delivered once while it is there. */
export class Seen {
  #lastAt = new Map<string, number>();

  /** Takes what one frame shows; says whether any of it is new. */
  isNews(codes: readonly Code[], now: number): boolean {
    for (const [key, at] of this.#lastAt) if (now - at > AWAY_MS) this.#lastAt.delete(key);
    const keys = codes.map(({ bytes }) => String.fromCharCode(...bytes));
    const news = keys.some((key) => !this.#lastAt.has(key));
    for (const key of keys) this.#lastAt.set(key, now);
    return news;
  }
}
