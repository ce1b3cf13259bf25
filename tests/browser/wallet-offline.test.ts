/** Showing a card without a network, in the window's screens with a wallet in memory. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DESKTOP, launch, openPage, PHONE } from "./harness/chromium.ts";
import { hold } from "./harness/hold.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";

/** Modules across a code with the light around it: version 15. ISO/IEC 18004 */
const ACROSS = 85;

let browser: Browser;
let site: Site;
let page: Page;
let faults: string[];

beforeAll(async () => {
  browser = await launch();
  site = await serve(join(ROOT, "wallet-app/dist-memory"), await windowPolicy());
});

afterEach(async () => {
  await page.context().close();
  expect(faults).toEqual([]);
});

afterAll(async () => {
  await browser.close();
  await site.close();
});

/** A wallet whose camera sees a challenge, at its cards. */
async function open(scenario: string, hash = "#/", more: Parameters<typeof openPage>[1] = {}): Promise<void> {
  ({ page, faults } = await openPage(browser, { viewport: PHONE, ...more }));
  await page.goto(`${site.url}/?scenario=${scenario}&language=en${hash}`);
}

const press = (name: string) => page.getByRole("button", { name, exact: true }).first().click();
const sees = (title: string) => page.getByRole("heading", { level: 1, name: title }).waitFor();
const reads = (text: string | RegExp) => page.getByText(text).first().waitFor();

/** From the cards to the question. */
async function scan(): Promise<void> {
  await page.getByText("Show a card", { exact: true }).click();
  await sees("Show this?");
}

/** From the cards to the codes. */
async function show(): Promise<void> {
  await scan();
  await press("Show");
  await sees("Let them read this");
}

/** What the newest entry of the history says became of it. */
async function noted(): Promise<string> {
  await page.evaluate(() => (location.hash = "/history"));
  await sees("History");
  return (
    await page.getByRole("main").getByRole("listitem").getByRole("link").first().innerText()
  ).replaceAll("\n", " ");
}

/** The colours of some pixels of the first code that is shown. */
async function pixels(...places: [number, number][]): Promise<number[]> {
  return page
    .locator("canvas")
    .first()
    .evaluate((canvas: HTMLCanvasElement, places) => {
      const pen = canvas.getContext("2d")!;
      return places.map(([x, y]) => pen.getImageData(x, y, 1, 1).data[0]!);
    }, places);
}

test("three taps from the cards to what became of it, and nothing is asked over a network", async () => {
  await open("challenge");
  await page.getByText("Show a card", { exact: true }).waitFor();
  await page.context().setOffline(true);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await show();
  await press("They have read it");
  await sees("Shared");
  // The browser looks for the icon of its tab by itself.
  const isIcon = (url: string) => /\/favicon-[^/]*\.svg$/u.test(url);
  expect(asked.filter((url) => !url.startsWith("data:") && !isIcon(url))).toEqual([]);
});

test("the parts of a challenge are counted while the camera sees them", async () => {
  await open("parts", "#/show");
  await reads("2 of 4 parts read");
  await reads("Hold the code in the picture until all parts are read.");
});

test("a damaged part is named, and the camera goes on", async () => {
  await open("parts_altered", "#/show");
  await reads(/^One part came damaged\./);
  await page.getByRole("img", { name: "What the camera sees" }).waitFor();
});

test("parts in pictures are counted, and a whole challenge is opened", async () => {
  await open("camera_absent", "#/show");
  const choose = (words: string) => {
    const files = [{ name: "code.png", mimeType: "image/png", buffer: Buffer.from(words) }];
    return page.locator("input[type=file]").setInputFiles(files);
  };
  await choose("parts:3");
  await reads("3 of 4 parts read");
  await choose("challenge:challenge");
  await sees("Show this?");
});

test.for([
  { scenario: "challenge", words: "Proofs 2 hours old go along." },
  { scenario: "challenge_not_held", words: "Your wallet has no proofs for this card yet." },
  { scenario: "challenge_too_old", words: "Your proofs are older than they accept." },
  { scenario: "challenge_status_differs", words: "Your proofs do not fit together." },
  { scenario: "challenge_not_recorded", words: "The office that gave you this card is not publicly" },
])("the age of the proofs, or that they are missing, is said before consent ($scenario)", async (row) => {
  await open(row.scenario);
  await scan();
  await reads(new RegExp(`^${row.words.replaceAll(".", "\\.")}`));
  const warned = await page.getByText("They may not be able to check this").isVisible();
  expect(warned).toBe(row.scenario !== "challenge");
});

test("nothing is said of proofs that are not needed", async () => {
  await open("challenge_needs_nothing");
  await scan();
  expect(await page.getByText(/[Pp]roofs/).count()).toBe(0);
});

test.for(["light", "dark"] as const)("the code is black on white where all is %s", async (colorScheme) => {
  await open("challenge", "#/", { colorScheme });
  await show();
  // The quiet zone, the corner of a finder, and the light ring in it.
  expect(await pixels([0, 0], [3, 3], [4, 4], [5, 5])).toEqual([255, 255, 0, 255]);
  const canvas = page.locator("canvas").first();
  expect(await canvas.evaluate((drawn: HTMLCanvasElement) => drawn.width)).toBe(ACROSS);
});

test("M4 wallet: under reduced motion nothing moves: the parts stand beside one another", async () => {
  await open("challenge", "#/", { reducedMotion: "reduce" });
  await show();
  expect(await page.locator("canvas").count()).toBe(4);
  expect(await page.getByRole("button", { name: "Pause", exact: true }).count()).toBe(0);
});

test("the codes are larger and faster as the person likes, and how to hold the screen is said", async () => {
  await open("challenge", "#/", { reducedMotion: "no-preference", viewport: DESKTOP });
  await show();
  await reads(/^Turn the brightness of this screen up/);
  const canvas = page.locator("canvas").first();
  const width = () => canvas.evaluate((drawn: HTMLCanvasElement) => drawn.getBoundingClientRect().width);
  const before = await width();
  await press("Larger");
  await expect.poll(width).toBeGreaterThan(before);
  await press("Smaller");
  await expect.poll(width).toBe(before);
  const pauses = await page.evaluateHandle(() => {
    const told: number[] = [];
    const real = window.setInterval.bind(window);
    Object.assign(window, {
      setInterval: (run: () => void, ms = 0) => {
        told.push(Math.round(ms));
        return real(run, ms);
      },
    });
    return told;
  });
  const speed = page.locator("label", { hasText: "Speed" }).locator("select");
  for (const [rate, pause] of [
    ["Slow", 125],
    ["Fast", 83],
  ] as const) {
    await speed.selectOption({ label: rate });
    await expect.poll(() => pauses.jsonValue()).toContain(pause);
  }
});

test("the codes move and stand still as the person likes", async () => {
  await open("challenge", "#/", { reducedMotion: "no-preference" });
  await show();
  const canvas = page.locator("canvas").first();
  const code = () => canvas.evaluate((drawn: HTMLCanvasElement) => drawn.toDataURL());
  const first = await code();
  await expect.poll(code).not.toBe(first);
  await press("Pause");
  const still = await code();
  await page.waitForTimeout(500);
  expect(await code()).toBe(still);
  await press("Show it still");
  await expect.poll(() => page.locator("canvas").count()).toBe(4);
});

test("until the person says that it was read it was perhaps received", async () => {
  await open("challenge");
  await show();
  await press("Close");
  await sees("No longer shown");
  expect(await page.locator("canvas").count()).toBe(0);
  expect(await noted()).toContain("Perhaps received");
});

test("what the person saw being read is noted as shown", async () => {
  await open("challenge");
  await show();
  await press("They have read it");
  await sees("Shared");
  expect(await noted()).toContain("Shown");
});

test("F9 whoever says no shows nothing and tells nobody", async () => {
  await open("challenge");
  await scan();
  await press("Don’t show");
  await sees("Not shared");
  await reads("Nothing was shown, and nobody was told.");
  expect(await noted()).toContain("Not shown");
});

test("when the time is over the codes are gone, and both ways on are there", async () => {
  await open("challenge_expiring");
  await show();
  await hold(page, 46_000);
  await reads("The time is over");
  expect(await page.locator("canvas").count()).toBe(0);
  await press("They have read it");
  await sees("Shared");
});

test("M6 wallet: two taps show one answer", async () => {
  await open("challenge");
  await scan();
  await page.getByRole("button", { name: "Show", exact: true }).dblclick();
  await sees("Let them read this");
  await press("Close");
  await sees("No longer shown");
  await page.evaluate(() => (location.hash = "/cards/person"));
  await reads("5 more times without a connection");
});

test("I7 the last copy for showing without a connection is named before it is shown", async () => {
  await open("challenge_last_copy");
  await scan();
  await reads(/^This uses the last copy of this card\./);
});

test("I7 without an unused copy one is shown again only by a person who knows", async () => {
  await open("challenge_shown_before");
  await scan();
  await press("Show");
  await reads("First say that you want to show it again.");
  await page.getByRole("checkbox", { name: "Show it all the same" }).check();
  await press("Show");
  await sees("Let them read this");
});

test.for([
  { scenario: "challenge_over_asking", title: "Refused for you" },
  { scenario: "challenge_no_match", title: "No matching card" },
])("F8 who cannot be told is not offered to be told ($scenario)", async ({ scenario, title }) => {
  await open(scenario, "#/show");
  await sees(title);
  expect(await page.getByRole("button", { name: /^Tell them/ }).count()).toBe(0);
});

test.for([
  { scenario: "challenge_old", code: "challenge_stale" },
  { scenario: "challenge_early", code: "challenge_not_yet_valid" },
  { scenario: "challenge_expired", code: "request_expired" },
  { scenario: "challenge_split", code: "split_view" },
  { scenario: "challenge_unknown", code: "invalid_challenge" },
])("M7 wallet: a challenge that is not opened says why, what is safe and what to do ($code)", async (row) => {
  await open(row.scenario, "#/show");
  const problem = page.locator("section[role=alert]");
  await problem.waitFor();
  expect(await problem.locator("[data-code]").getAttribute("data-code")).toBe(row.code);
  const lines = await problem.locator("p").allInnerTexts();
  expect(lines.length).toBeGreaterThanOrEqual(3);
});

test("new proofs are had by a tap, and the age is said", async () => {
  await open("proofs_old");
  await reads("Proofs 30 hours old, too old for most");
  await press("Get new proofs");
  await reads("Proofs less than an hour old");
});

test("proofs that cannot be had leave the old ones, and say why", async () => {
  await open("proofs_unreachable");
  await press("Get new proofs");
  await reads("Code proofs_unreachable");
  await reads("Proofs 30 hours old, too old for most");
});

test("two histories of the public record are an alarm", async () => {
  await open("two_histories");
  await reads("Do not show or add cards now");
  await press("Save the evidence");
  await reads(/^Saved as .*\.cbor\./);
});
