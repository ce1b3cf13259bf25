/** The search: what is typed, and who was found. It outlives its screen, so that coming back finds it as it was. */
import { type Failure, failureOf, post } from "@holdfast/ui/service";
import { API, type Found } from "./types.ts";

/** After this pause in typing the register is asked. */
const PAUSE_MS = 180;
/** Fewest letters and digits that are searched for. */
const FEWEST = 2;

export class Finder {
  query = $state("");
  found = $state.raw<Found>();
  failure = $state.raw<Failure>();
  searching = $state(false);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked: AbortController | undefined;

  /** Whether enough is typed to search for. */
  get enough(): boolean {
    return (this.query.match(/[\p{L}\p{N}]/gu)?.length ?? 0) >= FEWEST;
  }

  /** More was typed. */
  typed = (): void => {
    this.#cancel();
    this.failure = undefined;
    if (!this.enough) {
      this.found = undefined;
      return;
    }
    this.searching = true;
    this.#timer = setTimeout(() => void this.search(), PAUSE_MS);
  };

  /** Asks now. */
  search = async (): Promise<void> => {
    this.#cancel();
    if (!this.enough) return;
    this.failure = undefined;
    await this.#ask(0, (found) => (this.found = found));
  };

  /** The next page of people. */
  more = async (): Promise<void> => {
    const before = this.found;
    if (!before || this.searching) return;
    await this.#ask(before.people.length, (found) => {
      this.found = { ...found, people: [...before.people, ...found.people] };
    });
  };

  async #ask(offset: number, take: (found: Found) => void): Promise<void> {
    const asked = new AbortController();
    this.#asked = asked;
    this.searching = true;
    try {
      const body = { query: this.query, offset };
      const found = await post<Found>(`${API}/people/search`, body, { signal: asked.signal });
      if (this.#asked === asked) take(found);
    } catch (error) {
      if (this.#asked === asked) this.failure = failureOf(error);
    } finally {
      if (this.#asked === asked) this.searching = false;
    }
  }

  /** What was asked before does not matter any more. */
  #cancel(): void {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#asked = undefined;
    this.searching = false;
  }
}
