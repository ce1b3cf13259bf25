/** Lets something happen once at a time: a second click while it runs does nothing. */
export class Once {
  busy = $state(false);

  async run(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await work();
    } finally {
      this.busy = false;
    }
  }
}
