/** Opening and closing, with the waits after wrong tries and the automatic lock. */
import type { AppState, SecretKind } from "../types";
import { failure } from "./failure";
import { Lockout } from "./lockout";
import { PASSPHRASE, PIN, type Scenario } from "./scenarios";

type Away = (event: "blurred" | "focused" | "locked") => void;

const SHORTEST_PIN = 6;
const SHORTEST_PASSPHRASE = 12;

export class Lock {
  readonly #now: () => number;
  readonly #keyring: AppState["keyring"];
  readonly #listeners = new Set<Away>();
  #phase: AppState["phase"];
  #kind: SecretKind;
  #secret: string;
  #lockout: Lockout;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(scenario: Scenario, now: () => number) {
    this.#now = now;
    this.#phase = scenario.phase;
    this.#keyring = scenario.keyring;
    this.#kind = scenario.secretKind;
    this.#secret = scenario.secretKind === "pin" ? PIN : PASSPHRASE;
    this.#lockout = new Lockout(scenario.wrongTries, now());
    if (typeof window !== "undefined") {
      window.addEventListener("blur", () => this.#tell("blurred"));
      window.addEventListener("focus", () => this.#tell("focused"));
    }
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  state(): Pick<AppState, "phase" | "secretKind" | "keyring" | "waitS" | "attemptsLeft"> {
    return {
      phase: this.#phase,
      secretKind: this.#kind,
      keyring: this.#keyring,
      waitS: this.#lockout.waitS(this.#now()),
      attemptsLeft: this.#lockout.attemptsLeft(),
    };
  }

  create(secret: string, kind: SecretKind, keyring: boolean): void {
    if (this.#phase !== "first_run") throw failure("already_set_up");
    if (keyring && this.#keyring !== "available") throw failure(`keyring_${this.#unavailable()}`);
    checkStrength(secret, kind);
    this.#secret = secret;
    this.#kind = kind;
    this.#phase = "open";
  }

  unlock(secret: string): void {
    if (this.#phase === "first_run") throw failure("not_set_up");
    if (this.#keyring === "locked") throw failure("keyring_locked");
    this.#try(secret);
    this.#phase = "open";
  }

  change(current: string, next: string, kind: SecretKind): void {
    this.#try(current);
    checkStrength(next, kind);
    this.#secret = next;
    this.#kind = kind;
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.#phase === "open") this.#phase = "locked";
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#phase = "first_run";
    this.#lockout = new Lockout(0, this.#now());
  }

  /** Locks after so many minutes without a sign of the person. */
  watch(minutes: number): void {
    clearTimeout(this.#timer);
    if (!this.isOpen) return;
    const lock = () => {
      this.close();
      this.#tell("locked");
    };
    this.#timer = setTimeout(lock, minutes * 60_000);
  }

  onAway(take: Away): () => void {
    this.#listeners.add(take);
    return () => this.#listeners.delete(take);
  }

  #unavailable(): "locked" | "unavailable" {
    return this.#keyring === "locked" ? "locked" : "unavailable";
  }

  #try(secret: string): void {
    const now = this.#now();
    const seconds = this.#lockout.waitS(now);
    if (seconds > 0) throw failure("locked_out", { seconds });
    if (secret === this.#secret) {
      this.#lockout.succeeded();
      return;
    }
    this.#lockout.failed(now);
    const { attemptsLeft, waitS } = this.state();
    throw failure("wrong_secret", { attemptsLeft, waitS });
  }

  #tell(event: "blurred" | "focused" | "locked"): void {
    for (const take of this.#listeners) take(event);
  }
}

function checkStrength(secret: string, kind: SecretKind): void {
  const needed = kind === "pin" ? SHORTEST_PIN : SHORTEST_PASSPHRASE;
  if (secret.length < needed) throw failure("secret_refused_short", { needed });
  if (isGuessedFirst(secret)) throw failure("secret_refused_common");
}

/** One repeated character, or characters that count up or down. */
function isGuessedFirst(secret: string): boolean {
  const codes = [...secret].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  const [first = 0] = steps;
  return Math.abs(first) <= 1 && steps.every((step) => step === first);
}
