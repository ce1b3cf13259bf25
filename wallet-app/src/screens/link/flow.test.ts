import { describe, expect, it, vi } from "vitest";
import { MemoryBackend } from "../../lib/backend/memory";
import { linkTo } from "../../lib/backend/memory/links";
import { SCENARIOS, type ScenarioName } from "../../lib/backend/memory/scenarios";
import type { Backend, Scanned } from "../../lib/backend/types";
import { ReceivedCards } from "../received/received.svelte";
import { canBeTold, LinkFlow, type Step } from "./flow.svelte";

/** Everything that makes the wallet send something. */
const SENDING = ["acceptOffer", "keepCards", "rejectCards", "share", "refuse", "tellUnanswered"] as const;

function follow(name: string, scenario: ScenarioName = "three_cards") {
  return start(name.includes(":") ? name : linkTo(name), scenario);
}

/** The challenge of this name, as the camera gave it. */
function meet(challenge: string, scenario: ScenarioName = "three_cards") {
  return start({ challenge }, scenario);
}

function start(scanned: Scanned, scenario: ScenarioName) {
  const backend = new MemoryBackend(SCENARIOS[scenario]());
  const calls = SENDING.map((call) => vi.spyOn(backend as Backend, call));
  const flow = new LinkFlow(backend, scanned);
  const sent = () => calls.reduce((sum, call) => sum + call.mock.calls.length, 0);
  return { backend, flow, sent };
}

function at<K extends Step["kind"]>(flow: LinkFlow, kind: K): Extract<Step, { kind: K }> {
  expect(flow.step.kind).toBe(kind);
  return flow.step as Extract<Step, { kind: K }>;
}

const outcomes = async (backend: Backend) => (await backend.history()).map((item) => item.outcome);

describe("a request", () => {
  it("shares nothing before the tap", async () => {
    const { flow, sent } = follow("request");
    await flow.open();
    at(flow, "request");
    expect(sent()).toBe(0);
  });

  it("shares nothing optional unless it was switched on", async () => {
    const { flow, backend } = follow("request_optional");
    const share = vi.spyOn(backend, "share");
    await flow.open();
    await flow.share([]);
    expect(share.mock.calls).toEqual([[expect.any(String), [], false]]);
    const names = (await backend.history())[0]?.cards[0]?.claims.map((claim) => claim.name);
    expect(names).toEqual(["age_over_18"]);
  });

  it("shares once on a double tap", async () => {
    const { flow, backend } = follow("request");
    const share = vi.spyOn(backend, "share");
    await flow.open();
    await Promise.all([flow.share([]), flow.share([])]);
    await flow.share([]);
    expect(share).toHaveBeenCalledTimes(1);
    expect(at(flow, "shared").shared.sent).toBe("now");
    expect((await outcomes(backend)).filter((outcome) => outcome === "shared")).toHaveLength(
      (await outcomes(new MemoryBackend(SCENARIOS.three_cards()))).filter((each) => each === "shared")
        .length + 1,
    );
  });

  it("does not share after a refusal that was tapped first", async () => {
    const { flow, backend } = follow("request");
    const share = vi.spyOn(backend, "share");
    await flow.open();
    await Promise.all([flow.refuse(), flow.share([])]);
    at(flow, "refused");
    expect(share).not.toHaveBeenCalled();
    expect((await backend.history())[0]).toMatchObject({ outcome: "not_shared", reason: "refused" });
  });

  it("sends nothing when it is closed", async () => {
    const { flow, sent, backend } = follow("request");
    await flow.open();
    await flow.leave();
    expect(sent()).toBe(0);
    expect((await backend.history())[0]).toMatchObject({ outcome: "not_shared", reason: "closed" });
    await flow.share([]);
    expect(sent()).toBe(0);
  });

  it("sends nothing when the time is over, and can be asked again", async () => {
    const { flow, sent } = follow("request");
    await flow.open();
    await flow.timeOut();
    expect(at(flow, "problem")).toMatchObject({ error: { code: "request_timed_out" }, retry: true });
    await flow.share([]);
    expect(sent()).toBe(0);
    await flow.open();
    at(flow, "request");
  });

  it("gives more time without sending anything", async () => {
    const { flow, sent, backend } = follow("request");
    const noted = (await backend.history()).length;
    await flow.open();
    const before = at(flow, "request").request.handle;
    await flow.extend();
    expect(at(flow, "request").request.handle).not.toBe(before);
    expect(sent()).toBe(0);
    expect(await backend.history()).toHaveLength(noted);
  });

  it("is forgotten when it opens after it was called off", async () => {
    const { flow, sent, backend } = follow("request");
    const opening = flow.open();
    await flow.leave();
    await opening;
    await vi.waitFor(async () => expect((await backend.history())[0]?.reason).toBe("closed"));
    at(flow, "left");
    expect(sent()).toBe(0);
  });

  it("says what is known when no reply came", async () => {
    const { flow } = follow("request_no_reply");
    await flow.open();
    await flow.share([]);
    expect(at(flow, "problem")).toMatchObject({ error: { code: "maybe_received" }, retry: true });
  });
});

describe("a request that is refused", () => {
  it("stops with what was asked too much, and sends nothing", async () => {
    const { flow, sent } = follow("over_asking");
    await flow.open();
    expect(at(flow, "blocked").error).toMatchObject({ params: { claim: "Date of birth" } });
    await flow.leave();
    expect(sent()).toBe(0);
  });

  it("tells those who ask for too much only when asked to, once", async () => {
    const { flow, sent, backend } = follow("over_asking");
    await flow.open();
    await Promise.all([flow.tell(), flow.tell()]);
    at(flow, "told");
    expect(sent()).toBe(1);
    expect((await backend.history())[0]).toMatchObject({ outcome: "blocked", reason: "over_asking_told" });
  });

  it("tells those who ask for a missing card only when asked to", async () => {
    const { flow, sent } = follow("licence", "no_match");
    await flow.open();
    at(flow, "no_match");
    expect(sent()).toBe(0);
    await Promise.all([flow.tell(), flow.tell()]);
    at(flow, "told");
    expect(sent()).toBe(1);
  });

  it("closes without a matching card and sends nothing", async () => {
    const { flow, sent } = follow("licence", "no_match");
    await flow.open();
    await flow.leave();
    expect(sent()).toBe(0);
  });

  it("asks the same way where every copy was used", async () => {
    const { flow, sent } = follow("unregistered", "no_copy_left");
    await flow.open();
    expect(at(flow, "no_match").error).toMatchObject({ code: "no_copy_left" });
    await flow.leave();
    expect(sent()).toBe(0);
  });

  it("opens nothing when the code is none of ours", async () => {
    const { flow, sent } = follow("https://menu.example/today");
    await flow.open();
    expect(at(flow, "problem")).toMatchObject({ error: { code: "not_a_code" }, retry: false });
    expect(sent()).toBe(0);
  });
});

describe("a challenge", () => {
  it("shows nothing before the tap, and sends nothing at all", async () => {
    const { flow, sent, backend } = meet("challenge");
    const show = vi.spyOn(backend, "show");
    await flow.open();
    expect(at(flow, "request").request.cards[0]?.proof).toEqual({ state: "goes_along", hours: 2 });
    expect(show).not.toHaveBeenCalled();
    await flow.share([]);
    at(flow, "showing");
    await flow.read();
    at(flow, "shared");
    expect(sent()).toBe(0);
  });

  it("shows one answer on a double tap", async () => {
    const { flow, backend } = meet("challenge");
    const show = vi.spyOn(backend, "show");
    await flow.open();
    await Promise.all([flow.share([]), flow.share([])]);
    expect(show).toHaveBeenCalledTimes(1);
    expect(at(flow, "showing").answer.frames).toHaveLength(36);
  });

  it("is noted as perhaps received until the person says that it was read", async () => {
    const { flow, backend } = meet("challenge");
    await flow.open();
    await flow.share([]);
    expect((await backend.history())[0]?.outcome).toBe("maybe_received");
    await flow.read();
    expect((await backend.history())[0]?.outcome).toBe("shared");
  });

  it("stays perhaps received when the codes leave the screen", async () => {
    const { flow, backend } = meet("challenge");
    await flow.open();
    await flow.share([]);
    await flow.stop();
    at(flow, "stopped");
    expect((await backend.history())[0]?.outcome).toBe("maybe_received");
    await flow.read();
    at(flow, "stopped");
  });

  it("tells nobody of a refusal", async () => {
    const { flow, sent, backend } = meet("challenge");
    await flow.open();
    await flow.refuse();
    at(flow, "refused");
    expect(sent()).toBe(0);
    expect((await backend.history())[0]).toMatchObject({ outcome: "not_shared", reason: "closed" });
  });

  it.each(["challenge_over_asking", "challenge_licence"])("refused, tells nobody: %s", async (name) => {
    const { flow, sent } = meet(name, "no_match");
    await flow.open();
    const { step } = flow;
    expect(["blocked", "no_match"]).toContain(step.kind);
    expect(step.kind === "blocked" || step.kind === "no_match" ? canBeTold(step.error) : true).toBe(false);
    expect(sent()).toBe(0);
  });

  it.each([
    ["challenge_of_nobody", "invalid_challenge"],
    ["challenge_old", "challenge_stale"],
    ["challenge_split", "split_view"],
    ["challenge_expired", "request_expired"],
  ])("is not opened again where that cannot help: %s", async (name, code) => {
    const { flow } = meet(name);
    await flow.open();
    expect(at(flow, "problem")).toMatchObject({ error: { code }, retry: false });
  });

  it("needs another one when the time is over", async () => {
    const { flow } = meet("challenge");
    await flow.open();
    await flow.timeOut();
    expect(at(flow, "problem")).toMatchObject({ error: { code: "request_expired" }, retry: false });
  });

  it("is forgotten with its answer when the person leaves", async () => {
    const { flow, backend } = meet("challenge");
    const close = vi.spyOn(backend, "close");
    await flow.open();
    await flow.share([]);
    const { handle } = at(flow, "showing").request;
    await flow.leave();
    expect(close.mock.calls).toEqual([[handle]]);
    await expect(backend.wasRead(handle)).rejects.toMatchObject({ code: "handle_gone" });
  });
});

describe("an offer", () => {
  it("never sends a code of the wrong form", async () => {
    const { flow, sent } = follow("offer_tx", "empty");
    await flow.open();
    for (const wrong of [null, "", "12345", "1234567", "12345a"]) await flow.accept(wrong);
    at(flow, "offer");
    expect(sent()).toBe(0);
    await flow.accept("493027");
    at(flow, "received");
  });

  it("keeps the card on yes, once", async () => {
    const { flow, backend } = follow("offer", "empty");
    const keep = vi.spyOn(backend, "keepCards");
    await flow.open();
    await Promise.all([flow.accept(null), flow.accept(null)]);
    const cards = new ReceivedCards(backend, at(flow, "received").received);
    await Promise.all([cards.keep(), cards.keep(), cards.reject()]);
    expect(cards.answer).toBe("kept");
    expect(keep).toHaveBeenCalledTimes(1);
    expect(await backend.cards()).toMatchObject([{ pending: false }]);
  });

  it("destroys the card on no", async () => {
    const { flow, backend } = follow("offer_other_person", "empty");
    await flow.open();
    await flow.accept(null);
    const cards = new ReceivedCards(backend, at(flow, "received").received);
    await cards.reject();
    expect(cards.answer).toBe("rejected");
    expect(await backend.cards()).toEqual([]);
  });

  it("leaves the card waiting when the person goes away before answering", async () => {
    const { flow, backend } = follow("offer", "empty");
    await flow.open();
    await flow.accept(null);
    await flow.leave();
    expect((await backend.pendingCards())?.cards).toHaveLength(1);
  });

  it("destroys what comes after it was called off", async () => {
    const { flow, backend } = follow("offer", "empty");
    await flow.open();
    const fetching = flow.accept(null);
    await flow.leave();
    await fetching;
    expect(await backend.cards()).toEqual([]);
  });

  it("says so when there is no space", async () => {
    const { flow, backend } = follow("offer_full", "empty");
    await flow.open();
    await flow.accept(null);
    expect(at(flow, "problem").error).toMatchObject({ code: "storage_full" });
    expect(await backend.cards()).toEqual([]);
  });
});
