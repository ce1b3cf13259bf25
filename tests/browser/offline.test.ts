/**
 * Checks without a network at the desk: a real answer read by camera, from a film and from a picture; the moving
 * code in every theme; the verdict with its ages and its face, and that nothing of it stays. The verifier's own
 * part is in its place here; the whole way between two programs is a test of its own.
 */
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { begins, cameOut, CHALLENGE, holds, Taker } from "./harness/alone.ts";
import { PHONE, type Watched } from "./harness/chromium.ts";
import { DeskBrowser, type Opening } from "./harness/desk.ts";
import { bytesOn, film, fixedAnswer, type Seen, sheet, webm } from "./harness/frames.ts";
import { said, tabTo } from "./harness/keys.ts";
import { fails } from "./harness/mocks.ts";
import { system } from "./harness/system.ts";
import { png } from "./harness/video.ts";

const CHECK = "adult";
const YES = cameOut("yes", "ok");
const HOLDS = "Everything that was asked for holds.";
const AGES = "Status known as of 3 h 12 min ago. This check allows 24 h.";

const desk = new DeskBrowser("offline");

/** Staff have opened a page of the desk, by itself that of a check; `taker` is in the place of the service. */
async function checks(taker: Taker, opening: Opening = {}, path = `/offline/${CHECK}`): Promise<Watched> {
  const opened = await desk.open({
    ...opening,
    async before(page) {
      await begins()(page, system());
      await taker.stand(page);
      await opening.before?.(page);
    },
  });
  if (path !== "/") await opened.page.goto(`${system().verifier.url}${path}`);
  return opened;
}

const word = (page: Page, text: string) => page.getByText(text, { exact: true }).first();

/** Everything that was handed in is a frame that the wallet showed, and there were enough of them. */
function expectFrames(taker: Taker): void {
  const { needed, frames } = fixedAnswer();
  expect(taker.frames.size).toBeGreaterThanOrEqual(needed);
  const shown = frames.map((frame) => frame.toString("hex"));
  for (const [, frame] of taker.frames) expect(shown).toContain(frame.toString("hex"));
  expect(taker.foreign).toBe(0);
}

describe("an answer that a wallet showed", () => {
  test.each<[string, Seen]>([
    ["every picture of it", {}],
    ["a tenth of the pictures lost", { lost: 10 }],
    ["three of ten pictures lost", { lost: 30 }],
    // First comes what is there to repair what was lost.
    ["joined in the middle", { lost: 10, from: 20 }],
  ])("is read by camera: %s", async (name, seen) => {
    const { frames } = fixedAnswer();
    const taker = new Taker(YES);
    const path = await film(desk.folder, name.replaceAll(" ", "-"), frames, seen);
    const { page, faults } = await checks(taker, { film: path });
    await word(page, HOLDS).waitFor({ timeout: 60_000 });
    await word(page, AGES).waitFor();
    expectFrames(taker);
    expect(faults).toEqual([]);
  });

  test("is read from a film", async () => {
    const { frames } = fixedAnswer();
    const taker = new Taker(YES);
    const buffer = await webm(await film(desk.folder, "filmed", frames, { lost: 10 }));
    const { page, faults } = await checks(taker);
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "answer.webm", mimeType: "video/webm", buffer });
    await word(page, HOLDS).waitFor({ timeout: 120_000 });
    expectFrames(taker);
    expect(faults).toEqual([]);
  });

  test("is read from pictures, of which each shows several codes", async () => {
    const { needed, frames } = fixedAnswer();
    const taker = new Taker(YES);
    const half = Math.ceil(needed / 2);
    const [first, second] = [frames.slice(0, half), frames.slice(half, needed)];
    const pictures = await Promise.all(
      [first, second].map(async (part, at) => ({
        name: `answer-${at}.png`,
        mimeType: "image/png",
        buffer: await sheet(desk.folder, `answer-${at}`, part),
      })),
    );
    const { page, faults } = await checks(taker);
    await page.locator("input[type=file]").setInputFiles(pictures[0]!);
    await page.getByText(`${half} of ${needed}`, { exact: true }).waitFor();
    await page.locator("input[type=file]").setInputFiles(pictures[1]!);
    await word(page, HOLDS).waitFor();
    expectFrames(taker);
    expect(faults).toEqual([]);
  });
});

test("M2 verifier: a picture of something else is called what it is, and the check goes on", async () => {
  const taker = new Taker(YES);
  const { page } = await checks(taker);
  const buffer = Buffer.from(await png("https://menu.example/today"));
  const file = { name: "menu.png", mimeType: "image/png", buffer };
  await page.locator("input[type=file]").setInputFiles(file);
  const problem = page.getByRole("alert").filter({ has: page.locator("[data-code=not_a_code]") });
  await problem.waitFor();
  expect((await problem.locator("p").allInnerTexts())[0]?.trim()).toBe("This is not a card or a check code.");
  await page.getByRole("button", { name: "Open pictures or a film" }).waitFor();
});

test("M2 verifier: what is no film and a film without codes are called what they are", async () => {
  const { page } = await checks(new Taker(YES));
  const input = page.locator("input[type=file]");
  const broken = { name: "a.mp4", mimeType: "video/mp4", buffer: Buffer.from("no film at all") };
  await input.setInputFiles(broken);
  await page.locator("[data-code=film_unreadable]").waitFor();
  const buffer = await webm(await film(desk.folder, "empty", [CHALLENGE[0]!], { lost: 100 }));
  await input.setInputFiles({ name: "b.webm", mimeType: "video/webm", buffer });
  await page.locator("[data-code=no_code_in_film]").waitFor();
});

test.each([
  ["denied", "NotAllowedError", "camera_denied"],
  ["missing", "NotFoundError", "camera_missing"],
])(
  "M1 verifier: without a network, a camera that is %s: the other ways stay open",
  async (_, fault, code) => {
    const { page } = await checks(new Taker(YES), {
      async before(opened) {
        await opened.addInitScript((name) => {
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", name));
        }, fault);
      },
    });
    await page.locator(`[data-code=${code}]`).waitFor();
    await page.getByRole("button", { name: "Open pictures or a film" }).waitFor();
    // A handheld scanner is told that it cannot help.
    await page.evaluate((keys) => {
      for (const key of [...keys, "Enter"])
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }, "not a frame");
    await page.locator("[data-code=scanner_unfit]").waitFor();
  },
);

test.each([
  ["M3 nothing held", 503, "nothing_held", "Could not check: this device holds nothing to check with."],
  ["M3 a wrong clock", 409, "clock_wrong", "Could not check: the clock of this device is wrong."],
])("%s: it says so, and can be tried again", async (_, status, code, what) => {
  const { page } = await checks(new Taker(YES), {
    before: (opened) => fails("**/desk/api/v1/checks/*/offline", status, code)(opened, system()),
  });
  await word(page, what).waitFor();
  await begins()(page, system());
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "1. The customer scans this" }).waitFor();
});

describe("the moving code", () => {
  const code = (page: Page) => page.getByRole("img", { name: "Moving code of this check" }).locator("canvas");

  test.each<[string, BrowserContextOptions]>([
    ["in the light", { colorScheme: "light" }],
    ["in the dark", { colorScheme: "dark" }],
    ["in forced colours", { colorScheme: "dark", forcedColors: "active" }],
  ])("M4 can be read %s, and is one frame after the other", async (_, options) => {
    const { page } = await checks(new Taker(YES), {
      options: { ...options, reducedMotion: "no-preference" },
    });
    await code(page).waitFor();
    const shown = CHALLENGE.map((frame) => Buffer.from(frame).toString("hex"));
    const seen = new Set<string>();
    for (let looks = 0; looks < 60 && seen.size < 3; looks += 1)
      for (const bytes of await bytesOn(await code(page).screenshot())) seen.add(bytes);
    expect(seen.size).toBeGreaterThanOrEqual(3);
    for (const bytes of seen) expect(shown).toContain(bytes);
    await page.getByRole("button", { name: "Pause" }).click();
    const still = await bytesOn(await code(page).screenshot());
    await new Promise((done) => setTimeout(done, 400));
    expect(await bytesOn(await code(page).screenshot())).toEqual(still);
  });

  test("M4 stands still where no motion is wanted: all that is needed, and no more", async () => {
    const { page } = await checks(new Taker(YES));
    const parts = page.getByRole("list", { name: "Moving code of this check" }).getByRole("img");
    await parts.first().waitFor();
    expect(await parts.count()).toBe(4);
    const seen: string[] = [];
    for (const part of await parts.all()) seen.push(...(await bytesOn(await part.screenshot())));
    expect(seen).toEqual(CHALLENGE.slice(0, 4).map((frame) => Buffer.from(frame).toString("hex")));
  });
});

describe("a verdict", () => {
  async function yes(taker: Taker): Promise<Page> {
    const { needed, frames } = fixedAnswer();
    const { page } = await checks(taker, { film: await film(desk.folder, "short", frames.slice(0, needed)) });
    await word(page, HOLDS).waitFor({ timeout: 60_000 });
    return page;
  }

  test("G11 with a face: ten seconds, and nothing of it is left", async () => {
    const taker = new Taker(cameOut("yes", "ok", { portrait: true }), await png("a face"));
    const page = await yes(taker);
    const face = page.getByRole("img", { name: "Portrait from the card" });
    await face.waitFor();
    expect(await page.evaluate(() => document.querySelectorAll("img[src^=blob]").length)).toBe(0);
    await page.emulateMedia({ media: "print" });
    await face.waitFor({ state: "hidden" });
    await word(page, HOLDS).waitFor({ state: "hidden" });
    await page.emulateMedia({ media: "screen" });
    await face.waitFor();
    await face.waitFor({ state: "detached", timeout: 12_000 });
    await word(page, HOLDS).waitFor({ state: "detached" });
    await expect.poll(() => taker.cleared).toBe(1);
    expect(taker.portraits).toBe(1);
  });

  test("G11 that is kept longer loses its face all the same", async () => {
    const taker = new Taker(cameOut("yes", "ok", { portrait: true }), await png("a face"));
    const page = await yes(taker);
    await page.getByRole("button", { name: "Keep showing" }).click();
    await page
      .getByRole("img", { name: "Portrait from the card" })
      .waitFor({ state: "detached", timeout: 12_000 });
    await word(page, "The portrait is not shown any more.").waitFor();
  });

  test("G11 is gone after a step back in the browser and one forward", async () => {
    const page = await yes(new Taker(YES));
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "What do you want to check?" }).waitFor();
    await page.goForward();
    await page.getByRole("heading", { level: 1, name: "Check without a network" }).waitFor();
    expect(await word(page, HOLDS).count()).toBe(0);
  });
});

test.each([
  ["ledger_stale", "Connect this device once, so that it gets the present public record. Then check again."],
  ["ledger_split", "Tell the owner of this desk. Other cards and papers can be looked at meanwhile."],
])("M3 could not check for %s: amber, what to do, and how old it is", async (reason, line) => {
  const { needed, frames } = fixedAnswer();
  const seen = await film(desk.folder, reason, frames.slice(0, needed));
  const { page } = await checks(new Taker(cameOut("could_not_check", reason)), { film: seen });
  await word(page, line).waitFor({ timeout: 60_000 });
  await word(page, AGES).waitFor();
  await page.locator(`[data-code=${reason}]`).waitFor();
});

test("M4 by keyboard alone on a narrow screen, with what came of it said aloud", async () => {
  const { needed, frames } = fixedAnswer();
  const picture = await sheet(desk.folder, "whole", frames.slice(0, needed));
  const { page, faults } = await checks(new Taker(YES), { options: { viewport: PHONE } }, "/offline");
  await tabTo(page, page.getByRole("radio").first());
  await page.keyboard.press("Space");
  await tabTo(page, page.getByRole("button", { name: "Now scan their answer" }));
  await page.keyboard.press("Enter");
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toBe("2. Scan what the customer’s wallet shows");
  // Before the way there: the browser learns some time after this that choosing is the test's.
  const chooser = page.waitForEvent("filechooser");
  await tabTo(page, page.getByRole("button", { name: "Open pictures or a film" }));
  await page.keyboard.press("Enter");
  await (await chooser).setFiles({ name: "answer.png", mimeType: "image/png", buffer: picture });
  await said(page, HOLDS);
  await said(page, AGES);
  expect(faults).toEqual([]);
});

test("a kiosk offers nothing that needs a network", async () => {
  const kiosk = (page: Page) => holds({ kiosk: true })(page, system());
  const { page } = await checks(new Taker(YES), { before: kiosk }, "/");
  await page.getByRole("link", { name: "Check without a network" }).first().waitFor();
  await page.getByText("Public record, 17 min old").waitFor();
  expect(await page.getByRole("link", { name: "Show a code" }).count()).toBe(0);
  expect(await page.getByRole("link", { name: "Scan an answer" }).count()).toBe(0);
  expect(await page.getByRole("link", { name: "Scan", exact: true }).count()).toBe(0);
});
