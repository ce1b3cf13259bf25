/**
 * Names that want to be taken for others, requests for too much, and what is left of all of it: the
 * real window, and then everything it wrote.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { By, Key, type WebDriver } from "selenium-webdriver";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Desktop, PASSPHRASE } from "./harness/desktop.ts";
import { Hands } from "./harness/hands.ts";
import { eventually } from "./harness/processes.ts";
import { Stranger } from "./harness/stranger.ts";
import { api, system } from "./harness/system.ts";
import { png } from "./harness/video.ts";

const PERSON = "SYN-000006";
const ID = "urn:holdfast:vct:person-identification:1";
/** Turns what follows around, hides letters between others, and adds a flag. */
const HOSTILE = "\u202eknaB\u202c My\u200b \u2066Bank\u2069 \u{1f1e8}\u{1f1ed}\u00ad";

let desktop: Desktop;
let driver: WebDriver;
let hands: Hands;
let known: Stranger;
let nobody: Stranger;
/** What must be found nowhere: what the person typed, and what the cards say. */
const canaries = new Set([PASSPHRASE, "a canary that opens nothing"]);

beforeAll(async () => {
  [known, nobody] = [await Stranger.begin(HOSTILE), await Stranger.begin("Nobody")];
  desktop = await Desktop.start(system());
  await desktop.setUp(system(), [known, nobody], [known]);
  mkdirSync(camera());
  driver = await desktop.window("--camera-folder", camera());
  hands = new Hands(driver);
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.error(await hands.words().catch(() => "no window"));
});

afterAll(async () => {
  await driver?.quit().catch(() => undefined);
  await desktop?.stop();
  known?.end();
  nobody?.end();
});

const camera = () => join(desktop.folder, "camera");

async function offered(): Promise<{ offer_uri: string; tx_code: string }> {
  const wanted = { credential_type: "person-identification", subject: PERSON, tx_code: true };
  return api(system().issuer, "/api/v1/offers", wanted);
}

test("M7 wallet: a wrong passphrase: three lines and a code", async () => {
  await hands.sees("Unlock your wallet");
  await hands.types("Passphrase", "a canary that opens nothing");
  await hands.press("Unlock");
  expect(await hands.problem("wrong_secret")).toHaveLength(3);
  await hands.unlock(PASSPHRASE);
});

test("M1 wallet: its own camera reads an offer, and the card is kept", async () => {
  const offer = await offered();
  canaries.add(offer.tx_code);
  await hands.follow("Add a card");
  await hands.press("Scan a code");
  // What it sees is shown before any code is.
  await hands.image("What the camera sees");
  writeFileSync(join(camera(), "offer.png"), await png(offer.offer_uri));
  await hands.sees("A card for you");
  await hands.types("Code for this card", offer.tx_code);
  await hands.press("Get the card");
  await hands.sees("Is this you?");
  await hands.press("Yes, this is me");
  await hands.press("To my cards");
  await hands.reads("Person identification");
});

test("a request is answered, and the business is told yes over its own interface", async () => {
  const { verifier } = system();
  const session = await api<{ id: string; request_uri: string }>(
    verifier,
    "/api/v1/checks/adult/sessions",
    {},
  );
  await desktop.open(session.request_uri);
  await hands.sees("Show this?");
  await hands.press("Share");
  await hands.sees("Shared");
  const told = await api(verifier, `/api/v1/sessions/${session.id}`);
  expect(told).toMatchObject({ state: "answered", verdict: "yes", reason: "ok" });
  await hands.press("Done");
});

test("F14 a name with hidden letters and turned ones is shown plainly, with a warning and the host", async () => {
  await desktop.open(await known.asks(ID, "age_over_18"));
  await hands.sees("Show this?");
  await hands.reads("Recorded elsewhere");
  const words = await hands.words();
  expect(words).not.toMatch(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069]/);
  expect(words).toContain("My Bank");
  expect(words).toContain(known.host);
  await hands.press("Don’t share");
  await hands.sees("Not shared");
  await hands.press("Done");
  await eventually(async () => expect(known.answers).toHaveLength(1));
  expect(known.answers[0]).toContain("error=access_denied");
});

test("F4 a stranger who asks for a name: nothing is sent, and it can be reported", async () => {
  await desktop.open(await nobody.asks(ID, "given_name"));
  await hands.sees("Refused for you");
  expect(await hands.problem("verifier_not_registered")).toHaveLength(3);
  expect(await driver.findElements(By.xpath("//button[starts-with(normalize-space(), 'Share')]"))).toEqual(
    [],
  );
  await hands.expand("Report this request");
  const report = await driver.findElement(By.css("pre")).getText();
  expect(report).toContain(`Address: ${nobody.host}`);
  expect(report).toContain("Code: verifier_not_registered");
  await hands.press("Copy the report");
  await hands.reads("Copied.");
  expect(nobody.answers).toEqual([]);
  await hands.press("Close");
});

test("J8 what was copied is on the clipboard, and is gone after half a minute", async () => {
  const copied = Date.now();
  expect(await pasted()).toContain("verifier_not_registered");
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, copied + 31_000 - Date.now())));
  expect(await pasted()).toBe("");
});

/** What pasting puts into an empty field. */
async function pasted(): Promise<string> {
  await driver.executeScript("location.hash = '#/'");
  await hands.sees("Your cards");
  await driver.executeScript("location.hash = '#/add'");
  await hands.sees("Add a card");
  const field = await hands.field("Link or text of the code");
  await field.sendKeys(Key.chord(Key.CONTROL, "v"));
  // What is pasted comes a moment later; where nothing does, that is known only after a while.
  const value = async () => (await field.getAttribute("value")) ?? "";
  const until = Date.now() + 2_000;
  while ((await value()) === "" && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return value();
}

test("F4 they are told on a tap, and learn nothing but that", async () => {
  await desktop.open(await nobody.asks(ID, "given_name"));
  await hands.sees("Refused for you");
  await hands.press("Tell them that I refuse");
  await hands.sees("They were told");
  await hands.press("Done");
  expect(nobody.answers).toHaveLength(1);
  expect([...new URLSearchParams(nobody.answers[0]).keys()].sort()).toEqual(["error", "state"]);
  expect(nobody.answers[0]).toContain("error=access_denied");
});

test("J8 the process leaves no core dump", () => {
  const pid = desktop.pid();
  expect(pid).not.toBeNull();
  expect(readFileSync(`/proc/${pid}/limits`, "utf8")).toMatch(/^Max core file size\s+0\s+0\s/m);
});

test("J8 nothing that was typed and nothing a card says is in anything the app wrote", async () => {
  // Once while everything is open, and once after it was closed.
  const during = files(desktop.folder).map((path) => [path, readFileSync(path)] as const);
  await driver.quit();
  await desktop.isGone();
  const { cards } = await desktop.wallet<{ cards: { id: string }[] }>("list");
  const { card } = await desktop.wallet<{ card: { claims: Record<string, unknown> } }>("show", cards[0]!.id);
  for (const value of personal(card.claims)) canaries.add(value);
  expect(canaries.size).toBeGreaterThan(6);
  expect(during.filter(([, bytes]) => holds(bytes)).map(([path]) => path)).toEqual([]);
  expect(found(desktop.folder)).toEqual([]);
  expect(files(desktop.folder).filter((path) => /(?:^|\/)core(?:\.\d+)?$/.test(path))).toEqual([]);
  // The app did say something, and this search does find what is there.
  expect(readFileSync(desktop.log, "utf8")).toContain("refused");
  const planted = join(desktop.folder, "planted");
  for (const encoding of ["utf8", "utf16le"] as const) {
    writeFileSync(planted, `x${[...canaries].at(-1)}x`, encoding);
    expect(found(desktop.folder)).toEqual([planted]);
  }
});

/** What a card says about somebody, and not about itself; short values stand in every file. */
function personal(claims: Record<string, unknown>): string[] {
  const own = [
    "iss",
    "vct",
    "cnf",
    "status",
    "iat",
    "nbf",
    "exp",
    "_sd_alg",
    "issuing_authority",
    "issuing_country",
  ];
  const texts = (value: unknown): string[] =>
    typeof value === "string"
      ? [value]
      : value && typeof value === "object"
        ? Object.values(value).flatMap(texts)
        : [];
  const all = Object.entries(claims).filter(([name]) => !own.includes(name));
  return all
    .flatMap(([, value]) => texts(value))
    .filter((text) => text.length >= 5)
    .map((text) => text.slice(0, 200));
}

/** Files that hold a canary. */
function found(folder: string): string[] {
  return files(folder).filter((path) => holds(readFileSync(path)));
}

function holds(bytes: Buffer): boolean {
  return [...canaries].some((text) => bytes.includes(text) || bytes.includes(text, 0, "utf16le"));
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
