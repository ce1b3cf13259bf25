import { setLanguage } from "@holdfast/ui/messages";
import { beforeEach, expect, test, vi } from "vitest";
import type { AppState, Backend, CardSummary, Preferences } from "./backend/types";
import { router } from "./router.svelte";
import { App } from "./state.svelte";

const PREFERENCES: Preferences = { language: "de", theme: "dark", autoLockMinutes: 5, sampleCard: true };
const CARD = { id: "one", face: { title: { en: "Card" } } } as unknown as CardSummary;

/** A browser's address and document, as far as they are touched. */
function standIn(): void {
  const location = {
    hash: "",
    replace(hash: string) {
      location.hash = hash;
    },
  };
  vi.stubGlobal("location", location);
  vi.stubGlobal("document", { documentElement: { lang: "", dataset: {} } });
  vi.stubGlobal("navigator", { languages: ["en"] });
}

/** A wallet that can be opened and shut from the test. */
function standInWallet(phase: AppState["phase"]) {
  const events: { link?: (link: string) => void; away?: (event: "blurred" | "focused" | "locked") => void } =
    {};
  const state = { phase, language: null, theme: "system" } as AppState;
  const backend = {
    state: vi.fn(() => Promise.resolve({ ...state })),
    preferences: vi.fn(() => Promise.resolve(PREFERENCES)),
    setPreferences: vi.fn(() => Promise.resolve()),
    cards: vi.fn(() => Promise.resolve([CARD])),
    lock: vi.fn(() => Promise.resolve()),
    reset: vi.fn(() => Promise.resolve()),
    deleteCard: vi.fn(() => Promise.resolve()),
    undoDelete: vi.fn(() => Promise.resolve()),
    onLink: (take: (link: string) => void) => ((events.link = take), () => {}),
    onAway: (take: (event: "blurred" | "focused" | "locked") => void) => ((events.away = take), () => {}),
  };
  return { backend, events, state, app: new App(backend as unknown as Backend) };
}

beforeEach(() => {
  vi.useRealTimers();
  standIn();
});

test("a link that comes while the wallet is shut waits until it is open", async () => {
  const { app, events, state } = standInWallet("locked");
  await app.start();
  events.link?.("openid4vp://one");
  expect([app.link, app.linkWaits]).toEqual([null, true]);
  state.phase = "open";
  await app.enter();
  expect([app.link, app.linkWaits, router.route.name]).toEqual(["openid4vp://one", false, "link"]);
});

test("a challenge is followed as a link is, and stands nowhere in the address", async () => {
  const { app } = standInWallet("open");
  await app.start();
  const challenge = { challenge: "AAEC" };
  app.openLink(challenge);
  app.openLink("openid4vp://later");
  expect([app.link, location.hash]).toEqual([challenge, "#/link"]);
  app.linkDone("show");
  expect(app.link).toBe("openid4vp://later");
});

test("a link to a list of whom to trust waits for the open wallet, and is looked at in the settings", async () => {
  const { app, events, state } = standInWallet("locked");
  await app.start();
  const list = "holdfast-ecosystem://add?pack=x&sha256=y";
  events.link?.(list);
  expect([app.link, app.linkWaits]).toEqual([null, false]);
  state.phase = "open";
  await app.enter();
  expect([app.link, router.route.name]).toEqual([null, "trust"]);
  expect([app.takeTrusted(), app.takeTrusted()]).toEqual([list, null]);
});

test("a link to a list disturbs nothing that is being followed", async () => {
  const { app } = standInWallet("open");
  await app.start();
  app.openLink("openid4vp://one");
  app.openLink("holdfast-ecosystem://add?pack=x&sha256=y");
  expect([app.link, location.hash]).toEqual(["openid4vp://one", "#/link"]);
  app.linkDone();
  expect(location.hash).toBe("#/settings/trust");
});

test("of several links each is followed to its end", async () => {
  const { app, events } = standInWallet("open");
  await app.start();
  events.link?.("one");
  events.link?.("two");
  expect(app.link).toBe("one");
  app.linkDone("add");
  expect([app.link, router.route.name]).toEqual(["two", "link"]);
  app.linkDone("add");
  expect([app.link, router.route.name]).toEqual([null, "add"]);
});

test("whoever goes back from a link has closed it, and the next one is followed", async () => {
  const { app, events } = standInWallet("open");
  await app.start();
  for (const link of ["one", "two"]) events.link?.(link);
  app.arrived("link");
  expect(app.link).toBe("one");
  app.arrived("home");
  expect([app.link, router.route.name]).toEqual(["two", "link"]);
  app.arrived("add");
  expect(app.link).toBeNull();
  events.link?.("three");
  expect([app.link, router.route.name]).toEqual(["three", "link"]);
});

test("the place of a link that was followed is left at once", async () => {
  const { app } = standInWallet("open");
  await app.start();
  location.hash = "#/link";
  router.follow();
  app.arrived("link");
  expect(router.route.name).toBe("home");
});

test("a link stands nowhere in the address", async () => {
  const { app } = standInWallet("open");
  await app.start();
  app.openLink("openid-credential-offer://secret");
  expect(location.hash).toBe("#/link");
});

test("shut by the system: what was read is forgotten", async () => {
  const { app, events, state } = standInWallet("open");
  await app.start();
  await vi.waitFor(() => expect(app.cards.value).toEqual([CARD]));
  app.openLink("one");
  state.phase = "locked";
  events.away?.("locked");
  await vi.waitFor(() => expect(app.state?.phase).toBe("locked"));
  expect([app.phase, app.cards.value, app.preferences, app.link]).toEqual(["locked", null, null, null]);
  expect(router.route.name).toBe("home");
});

test("the window is shut even when the wallet cannot say that it is", async () => {
  const { app, backend } = standInWallet("open");
  await app.start();
  backend.lock.mockRejectedValueOnce({ code: "unknown", params: {} });
  await app.lock();
  expect(app.phase).toBe("locked");
});

test("covered while the person looks elsewhere", async () => {
  const { app, events } = standInWallet("open");
  await app.start();
  events.away?.("blurred");
  expect(app.covered).toBe(true);
  events.away?.("focused");
  expect(app.covered).toBe(false);
});

test("the language chosen before there is a wallet stays when the keyring is looked at again", async () => {
  const { app } = standInWallet("first_run");
  await app.start();
  setLanguage("fr");
  await app.readState();
  expect(document.documentElement.lang).toBe("fr");
});

test("a wallet that was shut before it was entered asks to be unlocked", async () => {
  const { app, backend, state } = standInWallet("first_run");
  await app.start();
  state.phase = "locked";
  backend.preferences.mockRejectedValueOnce({ code: "wallet_locked", params: {} });
  await app.enter();
  expect([app.phase, app.failure]).toEqual(["locked", null]);
});

test("language and theme are those of the wallet as soon as it is open", async () => {
  const { app } = standInWallet("open");
  await app.start();
  expect(document.documentElement.lang).toBe("de");
  expect(document.documentElement.dataset["theme"]).toBe("dark");
  expect(app.phase).toBe("open");
});

test("a change that the wallet refuses is not shown", async () => {
  const { app, backend } = standInWallet("open");
  await app.start();
  backend.setPreferences.mockRejectedValueOnce({ code: "storage_full", params: {} });
  await expect(app.setPreferences({ theme: "light" })).rejects.toMatchObject({ code: "storage_full" });
  expect(app.preferences).toEqual(PREFERENCES);
  expect(document.documentElement.dataset["theme"]).toBe("dark");
});

test("a window that finds no wallet says so and can try again", async () => {
  const { app, backend } = standInWallet("open");
  backend.state.mockRejectedValueOnce({ code: "profile_unusable", params: {} });
  await app.start();
  expect([app.phase, app.failure]).toEqual(["failed", { code: "profile_unusable", params: {} }]);
  await app.restart();
  expect(app.phase).toBe("open");
});

test("after a reset comes the first run", async () => {
  const { app, backend, state } = standInWallet("open");
  await app.start();
  state.phase = "first_run";
  await app.reset("reset");
  expect(backend.reset).toHaveBeenCalledWith("reset");
  expect([app.phase, app.cards.value]).toEqual(["first_run", null]);
});

test("a deleted card can be had back for ten seconds", async () => {
  vi.useFakeTimers();
  const { app, backend } = standInWallet("open");
  await app.start();
  await app.deletion.delete(CARD);
  vi.advanceTimersByTime(9_999);
  expect(app.deletion.card).toEqual(CARD);
  await app.deletion.undo();
  expect(backend.undoDelete).toHaveBeenCalledWith("one");
  await app.deletion.delete(CARD);
  vi.advanceTimersByTime(10_000);
  expect(app.deletion.card).toBeNull();
  await app.deletion.undo();
  expect(backend.undoDelete).toHaveBeenCalledOnce();
});
