/** Requests: who asks what of which card, and what became of it. */
import type {
  AskedCard,
  CardClaim,
  CardDetail,
  CardSummary,
  Outcome,
  RequestView,
  Shared,
  ShownAnswer,
} from "../types";
import { typeOf } from "./cards";
import { PARTS } from "./challenges";
import { failure } from "./failure";
import { drawnAnswer } from "./frames";
import { historyCard, idOf } from "./history";
import type { RequestPlan } from "./links";
import { recordOf } from "./parties";
import type { Store } from "./store";

interface Open {
  plan: RequestPlan;
  expiresAt: number;
}

/** Refused for what they asked, and not for who they are. */
const TOLD_ON_A_TAP = ["over_asking", "verifier_not_registered", "purpose_not_recorded", "rule_not_recorded"];

/** What a fresh code is good for. */
const LIVES_FOR_S = 300;

export class Requests {
  readonly #store: Store;
  readonly #open = new Map<string, Open>();
  /** Asked for a card that is not there, or has no copy left. */
  readonly #unmatched = new Map<string, RequestPlan>();
  /** Shown as codes, with the entry of the history. */
  readonly #shown = new Map<string, { answer: ShownAnswer; entry: number }>();
  /** Asked for too much. */
  readonly #refused = new Map<string, RequestPlan>();

  constructor(store: Store) {
    this.#store = store;
  }

  open(plan: RequestPlan): RequestView {
    const host = plan.who.host;
    const name = this.#nameOf(plan);
    if (this.#store.isBlocked(idOf(plan.who) ?? host)) {
      this.#note(plan, "blocked", "party_stopped");
      throw failure("party_stopped", { name, host });
    }
    if (plan.refused) throw this.#refusal(plan, plan.refused);
    const never = this.#neverShown(plan);
    if (never) throw this.#refusal(plan, { code: "claim_never_shown", claim: never });
    const cards = plan.asks.map((ask) => this.#match(ask, plan.proof));
    const handle = this.#store.newHandle();
    const lacking = cards.some((card) => card === null)
      ? "no_matching_card"
      : plan.registration === "unregistered" && cards.some((card) => card?.shownBefore)
        ? "no_copy_left"
        : null;
    if (lacking && plan.proof) {
      this.#note(plan, "not_shared", lacking);
      throw failure(lacking, { name, host });
    }
    if (lacking && !plan.again) {
      this.#unmatched.set(handle, plan);
      throw failure(lacking, { handle, name, host });
    }
    const expiresAt = this.#store.now() + (plan.livesFor ?? LIVES_FOR_S);
    this.#open.set(handle, { plan, expiresAt });
    return {
      handle,
      who: {
        name: plan.who.name,
        host,
        registration: plan.registration,
        nameLooksOdd: plan.nameLooksOdd ?? false,
        record: plan.registration === "registered" ? recordOf(plan.who) : null,
      },
      why: plan.why && {
        text: plan.why,
        privacyPolicy: `https://${host}/privacy`,
        inPerson: plan.inPerson ?? false,
      },
      kept: plan.kept,
      ...(plan.widened && {
        widened: {
          since: this.#store.now() - plan.widened.daysAgo * 86_400,
          claims: plan.widened.claims,
          needed: plan.widened.needed,
          notEnough: plan.widened.notEnough,
          choose: plan.widened.choose,
          keptBefore: plan.widened.keptBefore,
        },
      }),
      cards: cards.filter((card) => card !== null),
      ...(plan.earlierRecord && {
        earlierRecord: {
          at: this.#store.now() - plan.earlierRecord.daysAgo * 86_400,
          lacked: plan.earlierRecord.lacked,
        },
      }),
      answers: plan.answers ?? null,
      again: plan.again ?? false,
      crossDevice: plan.crossDevice ?? false,
      offline: plan.proof !== undefined,
      expiresAt,
    };
  }

  share(handle: string, optional: string[], knowing: boolean): Shared {
    const shownBefore = this.#shownBefore(handle);
    // Nothing was decided yet: the same request can still be answered.
    if (shownBefore && !knowing) throw failure("copy_shown_before");
    const { plan, expiresAt } = this.#take(handle);
    const offered = plan.asks.flatMap((ask) => ask.optional ?? []);
    if (optional.some((name) => !offered.includes(name))) throw failure("not_optional");
    if (this.#store.now() >= expiresAt) {
      this.#note(plan, "not_shared", "request_expired");
      throw failure("request_expired", { host: plan.who.host });
    }
    if (plan.fails) {
      this.#note(plan, outcomeOf(plan.fails), plan.fails);
      throw failure(plan.fails, { host: plan.who.host });
    }
    this.#note(plan, "shared", null, optional, shownBefore);
    for (const ask of plan.asks) {
      const card = this.#held(ask.card);
      if (card && !plan.again) card.copies.online = Math.max(0, card.copies.online - 1);
    }
    return { sent: plan.again ? "again" : "now", openedHost: plan.openedHost ?? null };
  }

  /** The codes of the answer; a second tap gets the same ones. */
  show(handle: string, optional: string[], knowing: boolean): ShownAnswer {
    const before = this.#shown.get(handle);
    if (before) return before.answer;
    if (!this.#open.get(handle)?.plan.proof) throw failure("handle_gone");
    const shownBefore = this.#shownBefore(handle);
    if (shownBefore && !knowing) throw failure("copy_shown_before");
    const { plan, expiresAt } = this.#take(handle);
    if (this.#store.now() >= expiresAt) {
      this.#note(plan, "not_shared", "request_expired");
      throw failure("request_expired");
    }
    if (plan.fails) {
      this.#note(plan, "interrupted", plan.fails);
      throw failure(plan.fails);
    }
    const entry = this.#note(plan, "maybe_received", null, optional, shownBefore);
    for (const ask of plan.asks) {
      const card = this.#held(ask.card);
      if (card) card.copies.offline = Math.max(0, card.copies.offline - 1);
    }
    const answer = drawnAnswer(PARTS, expiresAt);
    this.#shown.set(handle, { answer, entry });
    return answer;
  }

  wasRead(handle: string): void {
    const shown = this.#shown.get(handle);
    if (!shown) throw failure("handle_gone");
    this.#store.conclude(shown.entry, "shared");
  }

  refuse(handle: string): void {
    this.#note(this.#take(handle).plan, "not_shared", "refused");
  }

  tellUnanswered(handle: string): void {
    const refused = this.#refused.get(handle);
    const plan = refused ?? this.#unmatched.get(handle);
    if (!plan) throw failure("handle_gone");
    this.#unmatched.delete(handle);
    this.#refused.delete(handle);
    if (refused) this.#note(plan, "blocked", `${plan.refused?.code}_told`);
    else this.#note(plan, "not_shared", "no_matching_card_told");
  }

  /** Nothing is sent; the history says that nothing was shown. */
  close(handle: string): boolean {
    // That the wallet refused stands in the history already.
    if (this.#refused.delete(handle) || this.#shown.delete(handle)) return true;
    const plan = this.#open.get(handle)?.plan ?? this.#unmatched.get(handle);
    if (!plan) return false;
    this.#open.delete(handle);
    this.#unmatched.delete(handle);
    this.#note(plan, "not_shared", "closed");
    return true;
  }

  /** Whether a copy would be shown again; what goes out again as it was is no copy of its own. */
  #shownBefore(handle: string): boolean {
    const plan = this.#open.get(handle)?.plan;
    const copies = plan?.proof ? "offline" : "online";
    return !plan?.again && (plan?.asks ?? []).some((ask) => this.#held(ask.card)?.copies[copies] === 0);
  }

  /** A claim that is needed and shown to nobody. */
  #neverShown(plan: RequestPlan): string | undefined {
    return plan.asks
      .flatMap((ask) => ask.needed.map((claim) => ({ type: typeOf(ask.card), claim })))
      .find(({ type, claim }) => this.#store.isNeverShown(type, claim))?.claim;
  }

  #take(handle: string): Open {
    const open = this.#open.get(handle);
    if (!open) throw failure("handle_gone");
    this.#open.delete(handle);
    return open;
  }

  /** One that is good, or else one that is not, as it is said then. */
  #held(kind: RequestPlan["asks"][number]["card"]): CardDetail | undefined {
    const held = this.#store.cards.filter((card) => card.type === typeOf(kind) && !card.pending);
    return held.find((card) => card.status === "valid") ?? held[0];
  }

  #match(ask: RequestPlan["asks"][number], proof: RequestPlan["proof"]): AskedCard | null {
    const card = this.#held(ask.card);
    if (!card) return null;
    const optional = (ask.optional ?? []).filter((name) => !this.#store.isNeverShown(card.type, name));
    const all = card.groups.flatMap((group) => group.claims);
    const pick = (names: string[]) => all.filter((claim) => names.includes(claim.name));
    const always = ask.always ?? [];
    const asked = [...ask.needed, ...optional, ...always];
    return {
      card: summaryOf(card),
      needed: structuredClone(pick(ask.needed)),
      optional: structuredClone(pick(optional)),
      withheld: all.filter((claim: CardClaim) => !asked.includes(claim.name)).map((claim) => claim.label),
      always: structuredClone(pick(always)),
      beyond: ask.beyond ?? [],
      shownBefore: card.copies[proof ? "offline" : "online"] === 0,
      proof: proof ?? { state: "not_needed" },
    };
  }

  #nameOf(plan: RequestPlan): string {
    return this.#store.inTheirLanguage(plan.who.name) ?? plan.who.host;
  }

  #refusal(plan: RequestPlan, refused: NonNullable<RequestPlan["refused"]>) {
    const params: Record<string, string | number> = { name: this.#nameOf(plan), host: plan.who.host };
    if (refused.claim) params["claim"] = this.#labelOf(refused.claim);
    const entry = this.#note(plan, "blocked", refused.code);
    if (refused.code === "over_asking" && !plan.proof) params["entry"] = entry;
    // Only somebody who was authenticated can be told anything.
    if (!plan.proof && TOLD_ON_A_TAP.includes(refused.code)) {
      const handle = this.#store.newHandle();
      params["handle"] = handle;
      this.#refused.set(handle, plan);
    }
    return failure(refused.code, params);
  }

  #labelOf(name: string): string {
    const all = this.#store.cards.flatMap((card) => card.groups.flatMap((group) => group.claims));
    const label = all.find((claim) => claim.name === name)?.label;
    return (label && this.#store.inTheirLanguage(label)) ?? name.replaceAll("_", " ");
  }

  #note(
    plan: RequestPlan,
    outcome: Outcome,
    reason: string | null,
    added: string[] = [],
    shownBefore = false,
  ): number {
    return this.#store.note({
      event: "request",
      party: this.#nameOf(plan),
      partyId: plan.registration === "registered" ? idOf(plan.who) : null,
      host: plan.who.host,
      purpose: plan.why && this.#store.inTheirLanguage(plan.why),
      cards: plan.asks.map((ask) => historyCard(ask.card, [...ask.needed, ...added], shownBefore)),
      outcome,
      reason,
      keptDays: plan.kept.kind === "no" ? 0 : plan.kept.kind === "days" ? plan.kept.days : null,
      saysKept: plan.kept.kind === "said",
      receipt: outcome === "shared" && plan.registration === "registered" && !plan.proof,
      contradicts: false,
      reportable: reason === "over_asking" && !plan.proof,
    });
  }
}

function outcomeOf(code: string): Outcome {
  if (code === "maybe_received") return "maybe_received";
  return code === "answer_not_accepted" ? "not_accepted" : "not_sent";
}

/** What lists show of a card. */
export function summaryOf(card: CardDetail): CardSummary {
  const {
    groups: _groups,
    drawing: _drawing,
    issuerRecord: _record,
    successor: _next,
    history: _history,
    ...summary
  } = card;
  return structuredClone(summary);
}
