/** Offers: from the link to cards that are kept, or destroyed. */
import type { CardDetail, OfferView, Outcome, Received } from "../types";
import { claimsOf, faceOf, makeCard, typeOf, type Kind } from "./cards";
import { failure } from "./failure";
import { historyCard, nameOf } from "./history";
import type { OfferPlan } from "./links";
import type { Store } from "./store";

interface Waiting {
  cards: CardDetail[];
  plan: OfferPlan | null;
}

export class Offers {
  readonly #store: Store;
  readonly #open = new Map<string, OfferPlan>();
  readonly #received = new Map<string, Waiting>();
  readonly #used = new Set<OfferPlan>();

  constructor(store: Store) {
    this.#store = store;
    const left = store.cards.filter((card) => card.pending);
    if (left.length > 0) this.#received.set(store.newHandle(), { cards: left, plan: null });
  }

  open(plan: OfferPlan): OfferView {
    if (plan.refused) throw failure(plan.refused, { host: plan.office.host });
    if (this.#used.has(plan)) throw failure("offer_gone", { host: plan.office.host });
    const handle = this.#store.newHandle();
    this.#open.set(handle, plan);
    return {
      handle,
      issuer: plan.office.name,
      host: plan.office.host,
      publiclyRecorded: plan.publiclyRecorded,
      cards: plan.cards.map((kind) => ({
        type: typeOf(kind),
        face: { ...faceOf(kind), issuer: plan.office.name },
        claims: claimsOf(kind),
      })),
      txCode: plan.txCode
        ? { numeric: plan.txCode.numeric, length: plan.txCode.length, hint: plan.txCode.hint }
        : null,
    };
  }

  accept(handle: string, txCode: string | null): Received {
    const plan = this.#open.get(handle);
    if (!plan) throw failure("handle_gone");
    checkForm(plan, txCode);
    this.#open.delete(handle);
    const fault = plan.txCode && plan.txCode.right !== txCode ? "invalid_grant" : plan.fails;
    if (fault) {
      this.#note(plan, "not_stored", fault);
      throw failure(fault, { host: plan.office.host });
    }
    this.#used.add(plan);
    const cards = plan.cards.map((kind) => this.#receive(kind, plan));
    this.#store.cards = [...this.#store.cards, ...cards];
    const received = this.#store.newHandle();
    this.#received.set(received, { cards, plan });
    return { handle: received, cards: structuredClone(cards) };
  }

  pending(): Received | null {
    const [first] = this.#received;
    return first ? { handle: first[0], cards: structuredClone(first[1].cards) } : null;
  }

  keep(handle: string): void {
    const waiting = this.#take(handle);
    for (const card of waiting.cards) card.pending = false;
    if (waiting.plan) this.#note(waiting.plan, "received", null);
  }

  reject(handle: string): void {
    const waiting = this.#take(handle);
    this.#store.cards = this.#store.cards.filter((card) => !waiting.cards.includes(card));
    if (waiting.plan) this.#note(waiting.plan, "not_stored", "not_me");
  }

  /** Whether there was such an offer; it is forgotten. */
  close(handle: string): boolean {
    return this.#open.delete(handle);
  }

  #receive(kind: Kind, plan: OfferPlan): CardDetail {
    const face = { issuer: plan.office.name };
    const card = makeCard(kind, plan.about, {
      id: `${kind}-${this.#store.newHandle()}`,
      receivedAt: this.#store.now(),
      pending: true,
      face,
    });
    card.host = plan.office.host;
    if (!plan.publiclyRecorded) card.issuerRecord = null;
    return card;
  }

  #take(handle: string): Waiting {
    const waiting = this.#received.get(handle);
    if (!waiting) throw failure("handle_gone");
    this.#received.delete(handle);
    return waiting;
  }

  #note(plan: OfferPlan, outcome: Outcome, reason: string | null): void {
    const allOf = (kind: Kind) => claimsOf(kind).map((claim) => claim.name);
    this.#store.note({
      event: "offer",
      party: this.#store.inTheirLanguage(plan.office.name) ?? nameOf(plan.office),
      host: plan.office.host,
      purpose: null,
      cards: plan.cards.map((kind) => historyCard(kind, allOf(kind))),
      outcome,
      reason,
      partyId: null,
      keptDays: null,
      saysKept: false,
      receipt: false,
      contradicts: false,
      reportable: false,
    });
  }
}

/** A code of the wrong form is not sent; the offer stays open. */
function checkForm(plan: OfferPlan, txCode: string | null): void {
  const form = plan.txCode;
  if (!form && txCode !== null) throw failure("tx_code_not_expected");
  if (form && txCode === null) throw failure("tx_code_needed");
  if (!form || txCode === null) return;
  const fits =
    (!form.numeric || /^\d*$/.test(txCode)) && (form.length === null || txCode.length === form.length);
  if (!fits) throw failure("tx_code_malformed");
}
