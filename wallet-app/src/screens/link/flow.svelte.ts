/**
 * What happens with a link or a challenge, step by step, apart from how it looks. Nothing is sent but by
 * `accept`, `share`, `refuse` and `tell`, and each of these only once; after a challenge nothing is sent at
 * all, and `share` shows.
 */
import type {
  Backend,
  OfferView,
  Received,
  RequestView,
  Scanned,
  Shared,
  ShownAnswer,
} from "../../lib/backend/types";
import { Once } from "../../lib/once.svelte";
import { codeOf, isWalletError } from "../../lib/problems";
import { fits } from "../offer/tx-code";

export type Step =
  | { kind: "opening" }
  | { kind: "offer"; offer: OfferView }
  | { kind: "fetching"; offer: OfferView }
  | { kind: "received"; received: Received }
  | { kind: "request"; request: RequestView }
  | { kind: "shared"; request: RequestView; optional: string[]; shared: Shared }
  | { kind: "showing"; request: RequestView; optional: string[]; answer: ShownAnswer }
  | { kind: "stopped"; request: RequestView }
  | { kind: "refused"; request: RequestView }
  | { kind: "no_match"; error: unknown }
  | { kind: "told" }
  | { kind: "blocked"; error: unknown }
  | { kind: "problem"; error: unknown; retry: boolean }
  | { kind: "left" };

/** The wallet refused because of what was asked, not because something broke. */
const BLOCKED = new Set([
  "over_asking",
  "verifier_not_registered",
  "purpose_not_recorded",
  "rule_not_recorded",
  "registration_certificate_forged",
  "registration_certificate_of_another",
  "registration_certificate_narrower",
]);

/** No card answers, and the person may say so to those who can be told. */
const NO_MATCH = new Set(["no_matching_card", "no_copy_left"]);

/** Trying these again with the same link cannot help. */
const FINAL = new Set([
  "not_a_code",
  "party_stopped",
  "claim_never_shown",
  "link_not_supported",
  "offer_gone",
  "offer_not_https",
  "offer_from_bare_address",
  "offer_invalid",
  "request_gone",
  "request_expired",
  "answer_not_accepted",
  "answer_differs_from_consent",
  "address_not_allowed",
  "invalid_challenge",
  "challenge_stale",
  "split_view",
  "answer_too_long",
  // The office has counted the offer as used by then.
  "storage_full",
]);

export class LinkFlow {
  step = $state.raw<Step>({ kind: "opening" });
  readonly once = new Once();
  readonly #backend: Backend;
  readonly #scanned: Scanned;
  /** An answer that belongs to an earlier turn comes too late to be shown. */
  #turn = 0;

  constructor(backend: Backend, scanned: Scanned) {
    this.#backend = backend;
    this.#scanned = scanned;
  }

  /** Opens what was scanned, or opens it again. */
  async open(): Promise<void> {
    const turn = ++this.#turn;
    this.step = { kind: "opening" };
    try {
      const opened = await (typeof this.#scanned === "string"
        ? this.#backend.openLink(this.#scanned)
        : this.#backend.openChallenge(this.#scanned.challenge));
      const handle = opened.kind === "offer" ? opened.offer.handle : opened.request.handle;
      if (turn !== this.#turn) void this.#forget(handle);
      else this.step = opened;
    } catch (error) {
      if (turn === this.#turn) this.step = refusedAs(error);
      else void this.#forget(handleIn(error));
    }
  }

  /** Takes the cards of the offer. A code of the wrong form is not sent anywhere. */
  async accept(txCode: string | null): Promise<void> {
    const { step } = this;
    if (step.kind !== "offer" || !fits(step.offer.txCode, txCode)) return;
    const turn = ++this.#turn;
    this.step = { kind: "fetching", offer: step.offer };
    try {
      const received = await this.#backend.acceptOffer(step.offer.handle, txCode);
      if (turn === this.#turn) this.step = { kind: "received", received };
      // The person has called it off meanwhile: what came is not wanted.
      else await this.#backend.rejectCards(received.handle);
    } catch (error) {
      if (turn === this.#turn) this.step = problem(error);
    }
  }

  share(optional: string[], knowing = false): Promise<void> {
    return this.#act("request", async ({ request }) => {
      if (request.offline) {
        const answer = await this.#backend.show(request.handle, optional, knowing);
        return { kind: "showing", request, optional, answer };
      }
      const shared = await this.#backend.share(request.handle, optional, knowing);
      return { kind: "shared", request, optional, shared };
    });
  }

  /** The person saw that the codes were read. */
  read(): Promise<void> {
    return this.#act("showing", async ({ request, optional }) => {
      try {
        await this.#backend.wasRead(request.handle);
        await this.#forget(request.handle);
        return { kind: "shared", request, optional, shared: { sent: "now", openedHost: null } };
      } catch (error) {
        // It was shown all the same: to open it again would use another copy.
        return { kind: "problem", error, retry: false };
      }
    });
  }

  /** The codes leave the screen; whether somebody read them is not known. */
  stop(): Promise<void> {
    return this.#act("showing", async ({ request }) => {
      await this.#forget(request.handle);
      return { kind: "stopped", request };
    });
  }

  /** Tells those who ask that the person refused; without a network nobody is told. */
  refuse(): Promise<void> {
    return this.#act("request", async ({ request }) => {
      if (request.offline) await this.#forget(request.handle);
      else await this.#backend.refuse(request.handle);
      return { kind: "refused", request };
    });
  }

  /** Tells those who ask that nothing is shown to them; only on the person's wish. */
  tell(): Promise<void> {
    const from = this.step.kind === "blocked" ? "blocked" : "no_match";
    return this.#act(from, async ({ error }) => {
      await this.#backend.tellUnanswered(handleIn(error) ?? "");
      return { kind: "told" };
    });
  }

  /** The time to answer is over: nothing is sent. */
  async timeOut(): Promise<void> {
    if (this.step.kind !== "request" || this.once.busy) return;
    const { handle, offline } = this.step.request;
    this.#turn += 1;
    // A challenge cannot be had again by opening it again.
    this.step = problem({ code: offline ? "request_expired" : "request_timed_out", params: {} });
    await this.#forget(handle);
  }

  /**
   * Asks for the same request anew, which gives more time. The earlier one is not closed: that would
   * stand in the history as a no.
   */
  async extend(): Promise<void> {
    if (this.step.kind === "request" && !this.once.busy) await this.open();
  }

  /** Leaves, from wherever; sends nothing. */
  async leave(): Promise<void> {
    const { step } = this;
    this.#turn += 1;
    this.step = { kind: "left" };
    if (step.kind === "offer") await this.#forget(step.offer.handle);
    if (step.kind === "request" || step.kind === "showing") await this.#forget(step.request.handle);
    if (step.kind === "no_match" || step.kind === "blocked") await this.#forget(handleIn(step.error));
  }

  /** Does one thing at a time, from one step only; a second tap finds it done. */
  #act<K extends Step["kind"]>(
    from: K,
    work: (step: Extract<Step, { kind: K }>) => Promise<Step>,
  ): Promise<void> {
    return this.once.run(async () => {
      const { step } = this;
      if (step.kind !== from) return;
      const turn = this.#turn;
      const next = await work(step as Extract<Step, { kind: K }>).catch(problem);
      if (turn === this.#turn) this.step = next;
    });
  }

  /** A handle that is gone already is as good as forgotten. */
  async #forget(handle: string | null): Promise<void> {
    if (handle !== null) await this.#backend.close(handle).catch(() => undefined);
  }
}

function problem(error: unknown): Step {
  return { kind: "problem", error, retry: !FINAL.has(codeOf(error)) };
}

function refusedAs(error: unknown): Step {
  if (BLOCKED.has(codeOf(error))) return { kind: "blocked", error };
  const noMatch = NO_MATCH.has(codeOf(error)) || canBeTold(error);
  return noMatch ? { kind: "no_match", error } : problem(error);
}

/** Whether those who ask can be told that nothing is shown: there is a handle for it then. */
export function canBeTold(error: unknown): boolean {
  return handleIn(error) !== null;
}

function handleIn(error: unknown): string | null {
  const handle = isWalletError(error) ? error.params["handle"] : undefined;
  return typeof handle === "string" ? handle : null;
}
