/** An action that has its effect once, however often its button is pressed. */
export class Once {
  #key: string | undefined;
  #running = false;

  /**
   * Runs the action unless it runs already, then `undefined`. The key stays the same until the action
   * has succeeded or was refused for good, so that trying again after a lost answer repeats nothing.
   */
  async run<T>(
    action: (key: string) => Promise<T>,
    mayBeDone: (error: unknown) => boolean,
  ): Promise<T | undefined> {
    if (this.#running) return undefined;
    this.#running = true;
    this.#key ??= crypto.randomUUID();
    try {
      const done = await action(this.#key);
      this.#key = undefined;
      return done;
    } catch (error) {
      if (!mayBeDone(error)) this.#key = undefined;
      throw error;
    } finally {
      this.#running = false;
    }
  }
}
