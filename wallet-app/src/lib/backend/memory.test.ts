import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryBackend, memoryFromAddress } from "./memory";
import { LINKS, linkTo } from "./memory/links";
import { PASSPHRASE, SCENARIOS, type ScenarioName } from "./memory/scenarios";
import type { OfferView, RequestView } from "./types";

let clock = 0;
const wallet = (name: ScenarioName) => new MemoryBackend(SCENARIOS[name](), () => clock);

async function offer(backend: MemoryBackend, name: string): Promise<OfferView> {
  const opened = await backend.openLink(linkTo(name));
  if (opened.kind !== "offer") throw new Error("not an offer");
  return opened.offer;
}

async function request(backend: MemoryBackend, name: string): Promise<RequestView> {
  const opened = await backend.openLink(linkTo(name));
  if (opened.kind !== "request") throw new Error("not a request");
  return opened.request;
}

beforeEach(() => (clock = 1_000_000));
afterEach(() => vi.useRealTimers());

describe("the lock", () => {
  it("waits longer after every fifth wrong try, and never wipes", async () => {
    const backend = wallet("locked");
    for (let left = 4; left > 0; left -= 1) {
      const params = { attemptsLeft: left, waitS: 0 };
      await expect(backend.unlock("wrong")).rejects.toEqual({ code: "wrong_secret", params });
    }
    await expect(backend.unlock("wrong")).rejects.toMatchObject({ params: { waitS: 60 } });
    await expect(backend.unlock(PASSPHRASE)).rejects.toMatchObject({ code: "locked_out" });
    clock += 60;
    await backend.unlock(PASSPHRASE);
    expect(await backend.cards()).toHaveLength(3);
  });

  it("gives nothing while it is shut", async () => {
    await expect(wallet("locked").cards()).rejects.toMatchObject({ code: "wallet_locked" });
  });

  it("hands a link over once the wallet is open", async () => {
    const backend = new MemoryBackend({ ...SCENARIOS.offer(), phase: "locked" });
    const links: string[] = [];
    backend.onLink((link) => links.push(link));
    await Promise.resolve();
    expect(links).toEqual([]);
    await backend.unlock(PASSPHRASE);
    await backend.lock();
    await backend.unlock(PASSPHRASE);
    expect(links).toEqual([linkTo("offer")]);
  });
});

describe("offers", () => {
  it("keeps a card only after yes", async () => {
    const backend = wallet("empty");
    const { handle } = await offer(backend, "offer");
    const received = await backend.acceptOffer(handle, null);
    expect((await backend.cards()).map((card) => card.pending)).toEqual([true]);
    await backend.keepCards(received.handle);
    expect((await backend.cards()).map((card) => card.pending)).toEqual([false]);
    await expect(backend.keepCards(received.handle)).rejects.toMatchObject({ code: "handle_gone" });
  });

  it("destroys a card after no, and notes no value", async () => {
    const backend = wallet("empty");
    const { handle } = await offer(backend, "offer_other_person");
    const received = await backend.acceptOffer(handle, null);
    await backend.rejectCards(received.handle);
    expect(await backend.cards()).toEqual([]);
    const history = await backend.history();
    expect(history[0]).toMatchObject({ outcome: "not_stored", reason: "not_me" });
    expect(JSON.stringify(history)).not.toContain("Karim");
  });

  it("asks again after a restart about cards that came", async () => {
    const received = await wallet("one_pending").pendingCards();
    expect(received?.cards).toHaveLength(1);
  });

  it("does not send a code of the wrong form, and sends a wrong one once", async () => {
    const backend = wallet("empty");
    const { handle } = await offer(backend, "offer_tx");
    await expect(backend.acceptOffer(handle, "12ab")).rejects.toMatchObject({ code: "tx_code_malformed" });
    await expect(backend.acceptOffer(handle, "000000")).rejects.toMatchObject({ code: "invalid_grant" });
    await expect(backend.acceptOffer(handle, "493027")).rejects.toMatchObject({ code: "handle_gone" });
  });
});

describe("requests", () => {
  it("uses a copy, and a handle, once", async () => {
    const backend = wallet("three_cards");
    const before = (await backend.card("person")).copies.online;
    const { handle } = await request(backend, "request");
    await backend.share(handle, [], false);
    await expect(backend.share(handle, [], false)).rejects.toMatchObject({ code: "handle_gone" });
    expect((await backend.card("person")).copies.online).toBe(before - 1);
    expect((await backend.history())[0]).toMatchObject({ outcome: "shared" });
  });

  it("I7 shows a copy again only to a person who knows", async () => {
    const backend = wallet("request_shown_before");
    const { handle, cards } = await request(backend, "request");
    expect(cards.map((asked) => asked.shownBefore)).toEqual([true]);
    await expect(backend.share(handle, [], false)).rejects.toMatchObject({ code: "copy_shown_before" });
    await backend.share(handle, [], true);
    const [noted] = await backend.history();
    expect(noted?.cards.map((card) => card.shownBefore)).toEqual([true]);
  });

  it("does not share what was not offered as optional", async () => {
    const backend = wallet("three_cards");
    const { handle } = await request(backend, "request_optional");
    await expect(backend.share(handle, ["birth_date"], false)).rejects.toMatchObject({
      code: "not_optional",
    });
  });

  it("shares nothing after its time", async () => {
    const backend = wallet("three_cards");
    const { handle } = await request(backend, "request_expiring");
    clock += 46;
    await expect(backend.share(handle, [], false)).rejects.toMatchObject({ code: "request_expired" });
  });

  it("tells those who ask for a missing card only when the person says so", async () => {
    const backend = wallet("no_match");
    const params: Record<string, string> = await backend.openLink(linkTo("licence")).catch((e) => e.params);
    expect((await backend.history())[0]?.reason).not.toBe("no_matching_card_told");
    await backend.tellUnanswered(String(params["handle"]));
    expect((await backend.history())[0]).toMatchObject({
      outcome: "not_shared",
      reason: "no_matching_card_told",
    });
  });
});

describe("the rest", () => {
  it("gives a deleted card back within ten seconds", async () => {
    const backend = wallet("three_cards");
    const before = await backend.cards();
    await backend.deleteCard("residence");
    clock += 10;
    await backend.undoDelete("residence");
    expect(await backend.cards()).toEqual(before);
    await backend.deleteCard("residence");
    clock += 11;
    await expect(backend.undoDelete("residence")).rejects.toMatchObject({ code: "undo_too_late" });
  });

  it("reads one code in a picture", async () => {
    const backend = wallet("empty");
    const picture = (text: string) => backend.readPicture(new TextEncoder().encode(text));
    const text = "openid4vp://demo/request";
    expect(await picture(text)).toEqual({ kind: "code", text });
    expect(await picture("challenge:challenge")).toEqual({ kind: "challenge", challenge: "challenge" });
    await expect(picture("one\ntwo")).rejects.toMatchObject({ code: "two_codes" });
    await expect(picture("")).rejects.toMatchObject({ code: "no_code_found" });
    await expect(backend.readPicture(Uint8Array.of(0xff, 0xfe))).rejects.toMatchObject({
      code: "picture_unreadable",
    });
  });

  it("loses the camera when the scenario says so", async () => {
    vi.useFakeTimers();
    const backend = wallet("camera_lost");
    const seen: string[] = [];
    const started = backend.startCamera((event) => seen.push(event.kind));
    await vi.advanceTimersByTimeAsync(2_000);
    await started;
    expect(seen.at(-1)).toBe("failed");
    expect(seen.filter((kind) => kind === "frame")).toHaveLength(8);
  });

  it("opens every link it knows, or says why not", async () => {
    const backend = wallet("three_cards");
    for (const name of Object.keys(LINKS)) {
      const ended = await backend.openLink(linkTo(name)).catch((error: { code: string }) => error.code);
      expect(ended).toBeTruthy();
    }
    await expect(backend.openLink("https://example.org/")).rejects.toMatchObject({ code: "not_a_code" });
  });

  it("takes the list that was shown, and no other", async () => {
    const backend = wallet("three_cards");
    const { list, comes } = await backend.openTrustedList("holdfast-ecosystem://demo/newer");
    expect([list.version, comes]).toEqual([2, "newer"]);
    await expect(backend.takeTrustedList("0000")).rejects.toMatchObject({ code: "handle_gone" });
    expect((await backend.trustedList()).version).toBe(1);
    await backend.takeTrustedList(list.fingerprint);
    expect((await backend.trustedList()).version).toBe(2);
    await expect(backend.openTrustedList("holdfast-ecosystem://demo/live")).rejects.toMatchObject({
      code: "ecosystem_other_mode",
    });
  });

  it("belongs nowhere until a list was taken", async () => {
    const backend = wallet("first_run_anywhere");
    expect((await backend.state()).ecosystem).toBeNull();
    const { list, comes } = await backend.openTrustedList("holdfast-ecosystem://demo/first");
    expect(comes).toBe("first");
    await backend.takeTrustedList(list.fingerprint);
    expect((await backend.state()).ecosystem).toEqual({ name: list.name, mode: "test" });
  });

  it("chooses a scenario by the address", async () => {
    expect((await memoryFromAddress("?scenario=first_run&language=fr").state()).phase).toBe("first_run");
    expect((await memoryFromAddress("?language=fr").state()).language).toBe("fr");
    expect(await memoryFromAddress("?scenario=toString").cards()).toHaveLength(3);
  });
});
