/** Something read from the wallet: what was read, what went wrong, and whether it is being read. */
export class Load<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<unknown>(null);
  busy = $state(false);
  readonly #read: () => Promise<T>;
  #turn = 0;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** Reads, or reads again. An answer that a later one has overtaken is dropped. */
  async run(): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const value = await this.#read();
      if (turn !== this.#turn) return;
      this.value = value;
      this.error = null;
    } catch (error) {
      if (turn === this.#turn) this.error = error;
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }

  /** Forgets what was read; an answer still on its way is dropped. */
  clear(): void {
    this.#turn += 1;
    this.value = null;
    this.error = null;
    this.busy = false;
  }
}
