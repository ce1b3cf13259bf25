import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import calls from "./calls.json";
import { tauriBackend } from "./tauri";
import type { Backend, Preferences } from "./types";

interface Call {
  command: string;
  arguments: unknown;
}

let made: Call[] = [];

/** Tauri's side of the window, as far as a call goes. */
const internals = {
  invoke(command: string, given: unknown): Promise<unknown> {
    if (!command.startsWith("plugin:")) {
      made.push({ command, arguments: given instanceof Uint8Array ? [...given] : (given ?? {}) });
    }
    return Promise.resolve(1);
  },
  transformCallback: () => 1,
};

beforeEach(() => {
  made = [];
  const eventInternals = { unregisterListener: () => undefined };
  Object.assign(globalThis, {
    window: { __TAURI_INTERNALS__: internals, __TAURI_EVENT_PLUGIN_INTERNALS__: eventInternals },
  });
});

afterEach(() => {
  Reflect.deleteProperty(globalThis, "window");
});

const wanted: Preferences = { language: "de", theme: "dark", autoLockMinutes: 15, sampleCard: false };

/** Each method once. A method that is missing here does not compile. */
const uses: { [Name in keyof Backend]: (backend: Backend) => unknown } = {
  state: (b) => b.state(),
  create: (b) => b.create("correct horse battery", "passphrase", true),
  unlock: (b) => b.unlock("correct horse battery"),
  lock: (b) => b.lock(),
  touch: (b) => b.touch(),
  reset: (b) => b.reset("yes"),
  cards: (b) => b.cards(),
  card: (b) => b.card("c"),
  deleteCard: (b) => b.deleteCard("c"),
  undoDelete: (b) => b.undoDelete("c"),
  refreshStatus: (b) => b.refreshStatus(),
  history: (b) => b.history(),
  businesses: (b) => b.businesses(),
  setBlocked: (b) => b.setBlocked("b", true),
  neverShown: (b) => b.neverShown(),
  setNeverShown: (b) => b.setNeverShown("urn:type", "given_name", true),
  saveComplaint: (b) => b.saveComplaint(1),
  openLink: (b) => b.openLink("openid4vp://x"),
  onLink: (b) => b.onLink(() => undefined),
  readPicture: (b) => b.readPicture(new Uint8Array([137, 80, 78, 71])),
  startCamera: (b) => b.startCamera(() => undefined),
  stopCamera: (b) => b.stopCamera(),
  acceptOffer: (b) => b.acceptOffer("h", "493536"),
  keepCards: (b) => b.keepCards("h"),
  rejectCards: (b) => b.rejectCards("h"),
  pendingCards: (b) => b.pendingCards(),
  share: (b) => b.share("h", ["given_name"], false),
  refuse: (b) => b.refuse("h"),
  close: (b) => b.close("h"),
  tellUnanswered: (b) => b.tellUnanswered("h"),
  openChallenge: (b) => b.openChallenge("AAEC"),
  show: (b) => b.show("h", ["given_name"], false),
  wasRead: (b) => b.wasRead("h"),
  offlineReadiness: (b) => b.offlineReadiness(),
  refreshProofs: (b) => b.refreshProofs(),
  saveEvidence: (b) => b.saveEvidence(),
  services: (b) => b.services(),
  preferences: (b) => b.preferences(),
  setPreferences: (b) => b.setPreferences(wanted),
  changeSecret: (b) => b.changeSecret("correct horse battery", "another good passphrase", "passphrase"),
  copy: (b) => b.copy("text"),
  trustedList: (b) => b.trustedList(),
  openTrustedList: (b) =>
    b.openTrustedList("holdfast-ecosystem://add?pack=https%3A%2F%2Fl.example&sha256=00"),
  takeTrustedList: (b) => b.takeTrustedList("0000 0000"),
  onAway: (b) => b.onAway(() => undefined),
};

test("the wallet is called with exactly what calls.json holds, which its own tests take", async () => {
  const backend = tauriBackend();
  for (const use of Object.values(uses)) {
    await use(backend);
    await new Promise((resolve) => setTimeout(resolve));
  }
  expect(made).toEqual(calls);
});

test("j10 every command that is permitted has a caller in the screens", () => {
  const root = join(import.meta.dirname, "../..");
  const screens = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(
      ({ name, parentPath }) => /(?<!\.test)\.(?:ts|svelte)$/.test(name) && !parentPath.includes("backend"),
    )
    .map(({ name, parentPath }) => readFileSync(join(parentPath, name), "utf8"))
    .join("\n");
  // That each permitted command is one of these is compared on the other side.
  const without = Object.keys(uses).filter((name) => !new RegExp(`[bB]ackend\\.${name}\\(`).test(screens));
  expect(without).toEqual([]);
});

test("links are asked for only when they are heard", async () => {
  tauriBackend().onLink(() => undefined);
  expect(made).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve));
  expect(made).toEqual([{ command: "listen_links", arguments: {} }]);
});
