/** What a wallet in memory holds, and the one way to change it. */
import type {
  Business,
  CardDetail,
  HistoryItem,
  Localized,
  NeverShown,
  Outcome,
  Preferences,
} from "../types";
import { failure } from "./failure";
import type { Scenario } from "./scenarios";

/** A deleted card can be had back for so long. */
const UNDO_S = 10;

export class Store {
  cards: CardDetail[];
  preferences: Preferences;
  readonly now: () => number;
  #history: HistoryItem[];
  #deleted = new Map<string, { card: CardDetail; place: number; until: number }>();
  #handles = 0;
  readonly #blocked = new Set<string>();
  #never: { type: string; claim: string }[] = [];

  constructor(scenario: Scenario, now: () => number) {
    this.cards = scenario.cards;
    this.#history = scenario.history;
    this.now = now;
    this.preferences = {
      language: scenario.language ?? "en",
      theme: "system",
      autoLockMinutes: 5,
      sampleCard: scenario.sampleCard,
    };
  }

  /** A name that was never given before. */
  newHandle(): string {
    this.#handles += 1;
    return `h${this.#handles}`;
  }

  inTheirLanguage(texts: Localized): string | null {
    return texts[this.preferences.language] ?? texts["en"] ?? Object.values(texts)[0] ?? null;
  }

  /** Says which entry it is. */
  note(item: Omit<HistoryItem, "id" | "at">): number {
    const id = Math.max(0, ...this.#history.map((each) => each.id)) + 1;
    this.#history = [{ ...item, id, at: this.now() }, ...this.#history];
    return id;
  }

  /** How an entry ended after all. */
  conclude(id: number, outcome: Outcome): void {
    this.#history = this.#history.map((item) => (item.id === id ? { ...item, outcome } : item));
  }

  history(): HistoryItem[] {
    return structuredClone(this.#history);
  }

  businesses(): Business[] {
    const found = new Map<string, Business>();
    for (const item of this.history().filter(({ event }) => event === "request")) {
      const id = item.partyId ?? item.host;
      const known = found.get(id);
      if (known) known.items.push(item);
      else {
        const { party: name, host } = item;
        const [recorded, blocked] = [item.partyId !== null, this.isBlocked(id)];
        found.set(id, { id, name, host, recorded, blocked, never: this.#never, items: [item] });
      }
    }
    return structuredClone([...found.values()]);
  }

  setBlocked(id: string, blocked: boolean): void {
    if (blocked) this.#blocked.add(id);
    else this.#blocked.delete(id);
  }

  isBlocked(id: string): boolean {
    return this.#blocked.has(id);
  }

  neverShown(): NeverShown[] {
    return this.#never.map(({ type, claim }) => {
      const card = this.cards.find((each) => each.type === type);
      const claims = card?.groups.flatMap((group) => group.claims) ?? [];
      const label = claims.find((each) => each.name === claim)?.label ?? { en: claim };
      return structuredClone({ type, claim, title: card?.face.title ?? { en: type }, label });
    });
  }

  setNeverShown(type: string, claim: string, never: boolean): void {
    this.#never = this.#never.filter((each) => each.type !== type || each.claim !== claim);
    if (never) this.#never.push({ type, claim });
  }

  isNeverShown(type: string, claim: string): boolean {
    return this.#never.some((each) => each.type === type && each.claim === claim);
  }

  /** The request of this entry was kept. */
  isReportable(entry: number): boolean {
    return this.#history.some((item) => item.id === entry && item.reportable);
  }

  card(id: string): CardDetail {
    const found = this.cards.find((card) => card.id === id);
    if (!found) throw failure("no_such_card");
    const history = this.#history.filter((item) => item.cards.some((card) => card.type === found.type));
    return structuredClone({ ...found, history });
  }

  delete(id: string): void {
    const place = this.cards.findIndex((card) => card.id === id);
    const card = this.cards[place];
    if (!card) throw failure("no_such_card");
    this.cards = this.cards.filter((each) => each !== card);
    this.#deleted.set(id, { card, place, until: this.now() + UNDO_S });
  }

  undoDelete(id: string): void {
    const deleted = this.#deleted.get(id);
    this.#deleted.delete(id);
    if (!deleted || this.now() > deleted.until) throw failure("undo_too_late");
    this.cards = this.cards.toSpliced(deleted.place, 0, deleted.card);
  }
}
