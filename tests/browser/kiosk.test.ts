/**
 * A check without a network, the whole way: the desk's page shows the challenge of a real kiosk, the wallet's
 * command line reads it and answers, and the page's camera reads the answer, with pictures lost. Prints how long
 * it took.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DESKTOP, launch, openPage } from "./harness/chromium.ts";
import { kiosk, type Kiosk } from "./harness/kiosk.ts";
import { answerFilm, DENSITY, emptyFilm, RATE, type Seeing } from "./harness/seen.ts";
import { Citizen } from "./harness/wallet.ts";

const CHECK = "adult";
const CODE = "Moving code of this check";
/** Far more than it takes: the time is told, not asserted. */
const PATIENCE = 90_000;

let folder: string;
let desk: Kiosk;
let citizen: Citizen;
let browser: Browser | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-kiosk-"));
  citizen = await Citizen.begin();
  await citizen.gets("person-identification");
  desk = await kiosk(join(folder, "device"));
});

afterEach(async () => {
  await browser?.close();
  browser = undefined;
});

afterAll(async () => {
  await desk?.stop();
  citizen?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The page gets its camera when this is called, as when a person takes their telephone out. */
type Held = typeof globalThis & { lookNow?: () => void };

async function openDesk(film: string): Promise<{ page: Page; faults: string[] }> {
  browser = await launch(film);
  const opened = await openPage(browser, { viewport: DESKTOP, permissions: ["camera"] });
  const { page } = opened;
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const real = mediaDevices.getUserMedia.bind(mediaDevices);
    const now = new Promise<void>((resolve) => ((globalThis as Held).lookNow = resolve));
    mediaDevices.getUserMedia = async (wanted) => {
      await now;
      return real(wanted);
    };
  });
  await page.goto(`${desk.url}/`);
  await page.getByLabel("Name").fill(desk.staff.name);
  await page.getByLabel("Password", { exact: true }).fill(desk.staff.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "What do you want to check?" }).waitFor();
  await page.goto(`${desk.url}/offline/${CHECK}`);
  return opened;
}

/** What the page shows where nothing may move: all codes that are needed. */
async function challengeOn(page: Page, into: string): Promise<void> {
  const parts = page.getByRole("list", { name: CODE }).getByRole("img");
  await parts.first().waitFor();
  mkdirSync(into);
  for (const [at, part] of (await parts.all()).entries())
    writeFileSync(join(into, `code-${at}.png`), await part.screenshot({ scale: "css" }));
}

test.each<[string, Seeing]>([
  ["every picture seen", { lost: 0, from: 0 }],
  ["a tenth lost", { lost: 10, from: 0 }],
  ["three of ten lost", { lost: 30, from: 0 }],
  ["a late joiner, a tenth lost", { lost: 10, from: 21 }],
])("a card is checked between two screens: %s", async (name, seeing) => {
  const own = join(folder, name.replaceAll(/\W+/g, "-"));
  mkdirSync(own);
  const film = join(own, "camera.y4m");
  await emptyFilm(film);
  const { page, faults } = await openDesk(film);
  await challengeOn(page, join(own, "challenge"));
  const out = join(own, "answer");
  const shown = await citizen.does(
    "answer",
    join(own, "challenge"),
    ...["--out", out, "--consent", "yes", "--density", String(DENSITY)],
  );
  await answerFilm(own, out, film, seeing);
  const read = new Set<string>();
  page.on("request", (request) => {
    if (request.url().endsWith("/frames"))
      for (const frame of (request.postDataJSON() as { frames: string[] }).frames) read.add(frame);
  });
  const begun = performance.now();
  await page.evaluate(() => (globalThis as Held).lookNow!());
  await page
    .getByText("Everything that was asked for holds.", { exact: true })
    .first()
    .waitFor({ timeout: PATIENCE });
  const seconds = (performance.now() - begun) / 1_000;
  const needed = shown["needed"] as number;
  console.log(
    `COUNT: ${name}: ${needed} codes needed of ${String(shown["frames"])}, ${read.size} read, ` +
      `${seconds.toFixed(1)} s to the verdict at ${RATE} a second`,
  );
  expect(read.size).toBeGreaterThanOrEqual(needed);
  expect(faults).toEqual([]);
});
