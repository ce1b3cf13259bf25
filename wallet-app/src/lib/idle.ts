/**
 * Locks after a time without a sign of the person, and says so before (WCAG 2.2.1). It compares
 * clock times instead of counting, so that a computer that slept locks as soon as it wakes.
 */
export interface IdleOptions {
  /** Minutes without a sign. */
  minutes: () => number;
  /** Called every second near the end with the seconds left; `null` when the person is back. */
  warn: (secondsLeft: number | null) => void;
  lock: () => void;
  /** Tells the wallet that the person is there, which keeps a lock of its own. */
  touch: () => void;
}

/** From when on the end is announced. */
export const WARNING_S = 20;
/** The wallet is told of the person at most this often. */
const TOUCH_MS = 15_000;

export class Idle {
  readonly #options: IdleOptions;
  #timer: ReturnType<typeof setInterval> | null = null;
  #seen = 0;
  #told = 0;
  #warned = false;

  constructor(options: IdleOptions) {
    this.#options = options;
  }

  start(): void {
    this.stop();
    this.#seen = this.#told = Date.now();
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#unwarn();
  }

  /** The person moved, typed or tapped. */
  sign(): void {
    if (this.#timer === null) return;
    this.#tick();
    // That tick may have locked: a computer that slept is not kept open by the touch that woke it.
    if (this.#timer === null) return;
    this.#seen = Date.now();
    this.#unwarn();
    if (this.#seen - this.#told >= TOUCH_MS) {
      this.#told = this.#seen;
      this.#options.touch();
    }
  }

  #tick(): void {
    const left = Math.ceil(this.#options.minutes() * 60 - (Date.now() - this.#seen) / 1000);
    if (left <= 0) {
      this.stop();
      this.#options.lock();
    } else if (left <= WARNING_S) {
      this.#warned = true;
      this.#options.warn(left);
    }
  }

  #unwarn(): void {
    if (this.#warned) this.#options.warn(null);
    this.#warned = false;
  }
}
