/** Two screens and no radio: the real window reads the codes of the desk, and the desk those of the window. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { By, type WebDriver } from "selenium-webdriver";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { DeskBrowser } from "./harness/desk.ts";
import { Desktop, PASSPHRASE } from "./harness/desktop.ts";
import { bytesOn } from "./harness/frames.ts";
import { Hands } from "./harness/hands.ts";
import { api, system } from "./harness/system.ts";

/** Of the register; everybody in it is invented. */
const PERSON = "SYN-000001";
const CHECK = "adult";

/** As long as an animation may take to be read, with a machine that has a lot to do. */
const PATIENCE_MS = 90_000;

/** The business, whose staff have signed in. */
const business = new DeskBrowser("window-offline");
let desk: Page;
let desktop: Desktop;
let driver: WebDriver;
let hands: Hands;

beforeAll(async () => {
  desktop = await Desktop.start(system());
  await desktop.setUp(system());
  const wanted = { credential_type: "person-identification", subject: PERSON };
  const offer = await api<{ offer_uri: string }>(system().issuer, "/api/v1/offers", wanted);
  expect(await desktop.wallet("accept", offer.offer_uri)).toMatchObject({ ok: true });
  mkdirSync(camera());
  driver = await desktop.window("--camera-folder", camera());
  hands = new Hands(driver);
  await hands.unlock(PASSPHRASE);
});

beforeEach(async () => {
  desk = (await business.open()).page;
});

afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  console.error(`the window then showed:\n${await hands.words().catch(() => "nothing")}`);
});

afterAll(async () => {
  await driver?.quit().catch(() => undefined);
  await desktop?.stop();
});

/** What stands for the window's camera: it sees these pictures one after the other, and nothing at first. */
const camera = () => join(desktop.folder, "camera");

/** Asks the desk's own interface, as its page does; what it says, as text. */
async function ask(path: string, body?: unknown): Promise<string> {
  return desk.evaluate(
    async ({ path, body }) => {
      const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() };
      const reply = await fetch(`/desk/api/v1${path}`, { ...sent, headers });
      if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
      return reply.text();
    },
    { path, body },
  );
}

/** The still picture of a challenge, as a file. */
async function sheetOf(session: string): Promise<string> {
  const page = await desk.context().newPage();
  await page.setContent(await ask(`/sessions/${session}/sheet`));
  const file = join(desktop.folder, `${session}.png`);
  writeFileSync(file, await page.locator("svg").screenshot());
  await page.close();
  return file;
}

/** Opens a check at the desk, and its still picture in the window. */
async function askByPicture(): Promise<string> {
  const { id } = JSON.parse(await ask(`/checks/${CHECK}/offline`, {})) as { id: string };
  const file = await sheetOf(id);
  await hands.follow("Show a card");
  await hands.sees("Show a card");
  await driver.findElement(By.css("input[type=file]")).sendKeys(file);
  await hands.sees("Show this?");
  return id;
}

interface Told {
  state: string;
  outcome?: { verdict: string; reason: string; offline?: boolean };
}

/** Films the window, and gives the desk what the codes on it hold, until it has read all. */
async function film(session: string): Promise<Told> {
  const canvas = await driver.findElement(By.css("canvas"));
  await driver.executeScript("arguments[0].scrollIntoView({ block: 'center' })", canvas);
  const end = Date.now() + PATIENCE_MS;
  for (let told: Told | undefined; Date.now() < end;) {
    const picture = Buffer.from(await driver.takeScreenshot(), "base64");
    const codes = await bytesOn(picture);
    const frames = codes.map((bytes) => Buffer.from(bytes, "hex").toString("base64url"));
    if (frames.length > 0) told = JSON.parse(await ask(`/sessions/${session}/frames`, { frames })) as Told;
    if (told?.state === "complete") return told;
  }
  throw new Error("the codes of the window were not read");
}

test("a challenge in a picture is answered by the codes on the screen, and the desk says yes", async () => {
  const session = await askByPicture();
  await hands.reads("18 or older");
  await hands.press("Show");
  await hands.sees("Let them read this");
  const told = await film(session);
  expect(told.outcome).toMatchObject({ verdict: "yes", reason: "ok", offline: true });
  await hands.press("They have read it");
  await hands.sees("Shared");
  await hands.press("Done");
  await hands.sees("Your cards");
});

test("whoever says no shows nothing, and the desk learns nothing", async () => {
  const session = await askByPicture();
  await hands.press("Don’t show");
  await hands.sees("Not shared");
  expect(JSON.parse(await ask(`/sessions/${session}`))).toMatchObject({ state: "open" });
  await hands.press("Done");
  await hands.sees("Your cards");
});

test("the window's own camera reads what the desk's page shows, part after part", async () => {
  const opened = desk.waitForResponse((reply) => reply.url().endsWith(`/checks/${CHECK}/offline`));
  await desk.goto(`${system().verifier.url}/offline/${CHECK}`);
  const { id } = (await (await opened).json()) as { id: string };
  const parts = desk.getByRole("list", { name: "Moving code of this check" }).getByRole("img");
  await parts.first().waitFor();
  await hands.follow("Show a card");
  await hands.image("What the camera sees");
  for (const [at, part] of (await parts.all()).entries())
    writeFileSync(join(camera(), `part-${at}.png`), await part.screenshot({ scale: "css" }));
  await hands.sees("Show this?");
  await hands.press("Show");
  await hands.sees("Let them read this");
  expect((await film(id)).outcome).toMatchObject({ verdict: "yes", reason: "ok", offline: true });
  await hands.press("They have read it");
  await hands.sees("Shared");
});
