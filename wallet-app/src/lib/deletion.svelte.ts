/** A card that was deleted and can still be had back for ten seconds. */
import type { Backend, CardSummary } from "./backend/types";

/** As long as the wallet keeps it. */
const UNDO_MS = 10_000;

export class Deletion {
  card = $state.raw<CardSummary | null>(null);
  /** When it is too late, in milliseconds since 1970. */
  until = $state(0);
  readonly #backend: Backend;
  readonly #changed: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend, changed: () => Promise<void>) {
    this.#backend = backend;
    this.#changed = changed;
  }

  async delete(card: CardSummary): Promise<void> {
    await this.#backend.deleteCard(card.id);
    this.clear();
    this.card = card;
    this.until = Date.now() + UNDO_MS;
    this.#timer = setTimeout(() => this.clear(), UNDO_MS);
    await this.#changed();
  }

  async undo(): Promise<void> {
    const card = this.card;
    if (!card) return;
    this.clear();
    await this.#backend.undoDelete(card.id);
    await this.#changed();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.card = null;
  }
}
