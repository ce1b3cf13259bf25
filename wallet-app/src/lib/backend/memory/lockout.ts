/** How long to wait after wrong tries, as the wallet counts: every fifth makes the wait longer. */

const STEP = 5;
const LAST_STEP = 20;
const WAITS: Record<number, number> = { 5: 60, 10: 600, 15: 3_600 };

export class Lockout {
  #failures: number;
  #since: number;

  constructor(failures: number, now: number) {
    this.#failures = failures;
    this.#since = now;
  }

  waitS(now: number): number {
    const earned = this.#failures >= LAST_STEP ? 86_400 : (WAITS[this.#failures] ?? 0);
    return Math.max(0, earned - (now - this.#since));
  }

  attemptsLeft(): number {
    return this.#failures >= LAST_STEP ? 0 : STEP - (this.#failures % STEP);
  }

  failed(now: number): void {
    this.#failures += 1;
    this.#since = now;
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
