/** SIGKILL of the app at every step of accepting a card, and while a request waits for an answer. */
import { inflateSync } from "node:zlib";
import { decodeJwt } from "jose";
import type { WebDriver } from "selenium-webdriver";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Desktop, PASSPHRASE, type Listed } from "./harness/desktop.ts";
import { Hands } from "./harness/hands.ts";
import { http } from "./harness/http.ts";
import { eventually } from "./harness/processes.ts";
import { api, system } from "./harness/system.ts";

/** Of the register; everybody in it is invented. */
const PERSON = "SYN-000004";
const ID = "urn:holdfast:vct:person-identification:1";

interface Offer {
  id: string;
  offer_uri: string;
  tx_code: string;
}

let desktop: Desktop;
let driver: WebDriver | undefined;
let hands: Hands;
let offer: Offer;

beforeAll(async () => {
  desktop = await Desktop.start(system());
  await desktop.setUp(system());
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.error(await hands.words().catch(() => "no window"));
});

afterAll(async () => {
  await driver?.quit().catch(() => undefined);
  await desktop?.stop();
});

/** Opens the window and unlocks. */
async function reopen(): Promise<void> {
  driver = await desktop.window();
  hands = new Hands(driver);
  await hands.unlock(PASSPHRASE);
}

/** The app is killed; what the command line then finds in the vault. */
async function killed(): Promise<Listed> {
  await desktop.kill();
  await driver?.quit().catch(() => undefined);
  driver = undefined;
  const listed = await desktop.list();
  return listed;
}

async function offered(type = "person-identification"): Promise<Offer> {
  return api<Offer>(system().issuer, "/api/v1/offers", {
    credential_type: type,
    subject: PERSON,
    tx_code: true,
  });
}

async function stateOf({ id }: Offer): Promise<string> {
  return (await api<{ state: string }>(system().issuer, `/api/v1/offers/${id}`)).state;
}

/** Up to where the card would be fetched. */
async function typeCode(): Promise<void> {
  await desktop.open(offer.offer_uri);
  await hands.sees("A card for you");
  await hands.types("Code for this card", offer.tx_code);
}

async function getCard(): Promise<void> {
  await typeCode();
  await hands.press("Get the card");
  await hands.sees("Is this you?");
}

/** How many copies the office has revoked, by its lists, which everybody can see. */
async function revoked(): Promise<number> {
  const metadata = await http(`${system().issuer.url}/.well-known/openid-credential-issuer`);
  const { status_list_aggregation_endpoint: all } = JSON.parse(metadata.text) as Record<string, string>;
  const { status_lists: uris } = JSON.parse((await http(all!)).text) as { status_lists: string[] };
  const counts = await Promise.all(uris.map(async (uri) => notValid((await http(uri)).text)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Places of a list that are not zero. draft-ietf-oauth-status-list §4 */
function notValid(token: string): number {
  const { status_list: list } = decodeJwt<{ status_list: { bits: number; lst: string } }>(token);
  const bytes = inflateSync(Buffer.from(list.lst, "base64url"));
  const mask = (1 << list.bits) - 1;
  return [...bytes].reduce((sum, byte) => {
    for (let shift = 0; shift < 8; shift += list.bits) if ((byte >> shift) & mask) sum += 1;
    return sum;
  }, 0);
}

test("killed while the offer is shown: nothing was begun", async () => {
  await reopen();
  offer = await offered();
  await desktop.open(offer.offer_uri);
  await hands.sees("A card for you");
  expect(await killed()).toMatchObject({ cards: [], waiting: [] });
  expect(await stateOf(offer)).toBe("open");
});

test("killed when the code is typed: it was not sent, and the offer is still good", async () => {
  await reopen();
  await hands.reads("No cards yet");
  await typeCode();
  expect(await killed()).toMatchObject({ cards: [], waiting: [] });
  expect(await stateOf(offer)).toBe("open");
});

test("killed while the card is fetched: half a card is none", async () => {
  await reopen();
  await typeCode();
  const { pids } = system();
  // The office takes its time, so that this is surely the moment.
  process.kill(pids["population"]!, "SIGSTOP");
  try {
    await hands.press("Get the card");
    await hands.reads("Getting your card from");
    expect(await killed()).toMatchObject({ cards: [], waiting: [] });
  } finally {
    process.kill(pids["population"]!, "SIGCONT");
  }
  // It may have taken the code, and has issued nothing.
  expect(["open", "redeemed"]).toContain(await stateOf(offer));
});

test("killed at 'Is this you?': the card waits for the answer", async () => {
  await reopen();
  await hands.reads("No cards yet");
  offer = await offered();
  await getCard();
  const { cards, waiting } = await killed();
  expect(cards).toEqual([]);
  expect(waiting).toHaveLength(1);
  expect(await stateOf(offer)).toBe("issued");
  await reopen();
  await hands.reads("A new card waits for your answer");
  await hands.follow("Look at it");
  await hands.sees("Is this you?");
});

test("killed right after yes: one card, kept or waiting, never two", async () => {
  await hands.press("Yes, this is me");
  const { cards, waiting } = await killed();
  expect(cards.length + waiting.length).toBe(1);
  await reopen();
  if (waiting.length > 0) {
    await hands.follow("Look at it");
    await hands.press("Yes, this is me");
    await hands.press("To my cards");
  }
  await hands.reads("Person identification");
  await driver?.quit();
  await desktop.isGone();
  const listed = await desktop.list();
  expect(listed.cards.map(({ type }) => type)).toEqual([ID]);
  expect(listed.waiting).toEqual([]);
});

test("I2 killed right after no: the card and its keys are gone, and the office is told credential_deleted", async () => {
  const before = await revoked();
  await reopen();
  offer = await offered("residence");
  await getCard();
  await hands.press("No, not me");
  const { cards, waiting } = await killed();
  expect(cards.map(({ type }) => type)).toEqual([ID]);
  await reopen();
  // Before it was destroyed it still waited, whole; there is nothing between the two.
  if (waiting.length > 0) {
    await hands.follow("Look at it");
    await hands.press("No, not me");
    await hands.sees("The card was destroyed");
  }
  await driver?.quit();
  await desktop.isGone();
  const after = await desktop.list();
  expect(after.cards.map(({ type }) => type)).toEqual([ID]);
  expect(after.waiting).toEqual([]);
  // Nothing can bring it back.
  for (const { id } of waiting) expect(await desktop.wallet("keep", id)).toMatchObject({ ok: false });
  // What a wallet did not keep the office revokes: it was told.
  await eventually(async () => expect(await revoked()).toBeGreaterThan(before), 30_000);
  expect(await stateOf(offer)).toBe("issued");
});

test("F9 killed while the person is asked: nothing was sent, and no copy is used up", async () => {
  const { verifier } = system();
  const session = await api<{ id: string; request_uri: string }>(
    verifier,
    "/api/v1/checks/adult/sessions",
    {},
  );
  const copies = async () => (await desktop.list()).cards[0]?.unused_copies;
  const before = await copies();
  await reopen();
  await desktop.open(session.request_uri);
  await hands.sees("Show this?");
  await killed();
  expect(await api(verifier, `/api/v1/sessions/${session.id}`)).toMatchObject({ state: "scanned" });
  expect(await copies()).toEqual(before);
  const { entries } = await desktop.wallet<{ entries: { outcome: string }[] }>("history");
  expect(entries.filter(({ outcome }) => outcome === "shared")).toEqual([]);
});

test("F9 the window closed while the person is asked: nothing was sent, and the history says so", async () => {
  const { verifier } = system();
  const session = await api<{ id: string; request_uri: string }>(
    verifier,
    "/api/v1/checks/adult/sessions",
    {},
  );
  await reopen();
  await desktop.open(session.request_uri);
  await hands.sees("Show this?");
  await driver?.close();
  await driver?.quit().catch(() => undefined);
  await desktop.isGone();
  expect(await api(verifier, `/api/v1/sessions/${session.id}`)).toMatchObject({ state: "scanned" });
  const { entries } = await desktop.wallet<{ entries: { outcome: string; reason: string }[] }>("history");
  expect(entries[0]).toMatchObject({ outcome: "not_shared", reason: "closed" });
});
