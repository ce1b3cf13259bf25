/** What happens with a link, in the window's screens with a wallet in memory; the catalogue's cases by name. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launch, openPage, PHONE } from "./harness/chromium.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";

/** Entries that the history of a scenario has before anything happens. */
const BEFORE = 12;

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

async function open(scenario: string, hash = "", language = "en"): Promise<void> {
  ({ page, faults } = await openPage(browser, { viewport: PHONE }));
  await page.goto(`${site.url}/?scenario=${scenario}&language=${language}${hash}`);
}

const press = (name: string) => page.getByRole("button", { name, exact: true }).first().click();
const sees = (title: string | RegExp) => page.getByRole("heading", { level: 1, name: title }).waitFor();
const reads = (text: string | RegExp) => page.getByText(text).first().waitFor();
const shows = (text: string | RegExp) => page.getByText(text).first().isVisible();

/** What the wallet noted about what just happened; `null` when it noted nothing. */
async function noted(): Promise<{ outcome: string; reason: string | null } | null> {
  await page.evaluate((id) => (location.hash = `/history/${id}`), BEFORE + 1);
  await page
    .getByRole("heading", { level: 1 })
    .filter({ hasNotText: /^(Show this\?|Your cards)$/ })
    .waitFor();
  await page.getByRole("main").locator("dl, a").first().waitFor();
  const badge = page.locator(".badge").first();
  if (!(await badge.isVisible())) return null;
  const reason = page.locator("dd code").last();
  return {
    outcome: (await badge.innerText()).trim(),
    reason: (await reason.isVisible()) ? await reason.innerText() : null,
  };
}

describe("consent", () => {
  const fullest = [
    "request_four_claims",
    "request_mostly_optional",
    "request_four_cross_device",
    "request_odd_name",
    "unregistered",
  ];
  const others = ["request_optional", "request_in_person", "request_again", "request_foreign"];
  const cases = [
    ...[...fullest, ...others].map((scenario) => ({ scenario, language: "en" })),
    ...fullest.flatMap((scenario) => ["de", "fr"].map((language) => ({ scenario, language }))),
  ];

  test.for(cases)(
    "$scenario fits 360 by 640 without scrolling ($language)",
    async ({ scenario, language }) => {
      await open(scenario, "", language);
      await page.getByRole("main").locator("footer button").nth(1).waitFor();
      const height = await page.evaluate(async () => {
        await document.fonts.ready;
        return document.documentElement.scrollHeight;
      });
      expect(height).toBeLessThanOrEqual(PHONE.height);
      const boxes = await Promise.all(
        [0, 1].map((at) => page.locator("footer button").nth(at).boundingBox()),
      );
      expect(boxes[0]?.width).toBe(boxes[1]?.width);
      expect(boxes[0]?.height).toBe(boxes[1]?.height);
    },
  );

  test("three taps from unlocked to shared", async () => {
    await open("camera_code", "#/");
    await page.getByText("Show a card", { exact: true }).click();
    await page.getByRole("checkbox", { name: "Yes, I am" }).check();
    await press("Share");
    await sees("Shared");
  });

  test("values are hidden until they are shown", async () => {
    await open("request_two_claims");
    await sees("Show this?");
    expect(await shows("Vogel")).toBe(false);
    await press("Show values");
    expect(await shows("Vogel")).toBe(true);
  });

  test.for([
    { scenario: "request_last_copy", last: true },
    { scenario: "request", last: false },
  ])("I7 the last copy is named before it is shown ($scenario)", async ({ scenario, last }) => {
    await open(scenario);
    await sees("Show this?");
    expect(await shows(/^This uses the last copy of this card\. Ask the office/)).toBe(last);
    await press("Share");
    await sees("Shared");
  });

  test("I7 a copy is shown again only by a person who knows", async () => {
    await open("request_shown_before");
    await sees("Show this?");
    await reads(/^Every copy of this card was shown before\./);
    await press("Share");
    await reads("First say that you want to show it again.");
    await page.getByRole("checkbox", { name: "Show it all the same" }).check();
    await press("Share");
    await sees("Shared");
    await noted();
    await reads(/^Shown again:/);
  });

  test("what is optional is off, and says what stays", async () => {
    await open("request_optional");
    await sees("Show this?");
    for (const each of await page.getByRole("switch").all()) expect(await each.isChecked()).toBe(false);
    expect(await shows(/^Not shared: .*Date of birth/)).toBe(true);
    await press("Share");
    await sees("Shared");
    expect(await page.getByRole("listitem").allInnerTexts()).toEqual(["18 or older"]);
  });

  test("what the answer will be follows the switches, before anything is shared", async () => {
    await open("request_cannot_be_told");
    await reads("The answer cannot be told from what you show.");
    await page.getByRole("switch", { name: "18 or older" }).check();
    await reads("The answer will be: yes.");
    await page.getByRole("switch", { name: "18 or older" }).uncheck();
    await reads("The answer cannot be told from what you show.");
  });

  test("more than the answer needs is marked", async () => {
    await open("request_beyond_rule");
    await reads("More than their yes or no needs: Family name, Date of birth.");
  });

  test("F4 a rule other than the recorded one is refused", async () => {
    await open("other_rule");
    await sees("Refused for you");
    expect(await noted()).toEqual({ outcome: "Stopped by your wallet", reason: "rule_not_recorded" });
  });

  test("F9 refusing tells them, and the history says not shown", async () => {
    await open("request");
    await sees("Show this?");
    await press("Don’t share");
    await sees("Not shared");
    expect(await noted()).toEqual({ outcome: "Not shown", reason: "refused" });
  });

  test("F9 closing sends nothing", async () => {
    await open("request");
    await sees("Show this?");
    await press("Back");
    await sees("Your cards");
    expect(await noted()).toEqual({ outcome: "Not shown", reason: "closed" });
  });

  test("F14 a name that is easy to take for another comes with a warning and the host", async () => {
    await open("request_odd_name");
    await sees("Show this?");
    expect(await shows("This name is easy to take for another. Go by the address: wine-offers.example")).toBe(
      true,
    );
  });

  test("F14 a name of 5,000 characters takes two lines", async () => {
    await open("request_long_name");
    await sees("Show this?");
    const name = page.getByRole("region", { name: "Who asks" }).locator("p").first();
    expect((await name.boundingBox())?.height).toBeLessThan(52);
    expect(await shows("rentals.sunny-side.example")).toBe(true);
  });

  test("F15 the page that goes on is opened outside, and its host is named", async () => {
    await open("request_two_claims");
    await sees("Show this?");
    await press("Share");
    await reads("Your browser goes on at shop.seeblick.example.");
    expect(new URL(page.url()).origin).toBe(site.url);
  });

  test("F16 a request from another device is shared only after the person said to be on that site", async () => {
    await open("request_cross_device");
    await reads("You opened this from another device. Are you on shop.seeblick.example?");
    await press("Share");
    await reads("First answer the question above.");
    await sees("Show this?");
    await page.getByRole("checkbox").check();
    await press("Share");
    await sees("Shared");
  });

  test("M5 wallet: warns before the time is over, and sends nothing after it", async () => {
    ({ page, faults } = await openPage(browser, { viewport: PHONE }));
    await page.clock.install();
    await page.goto(`${site.url}/?scenario=request_expiring`);
    await page.clock.runFor(2_000);
    await sees("Show this?");
    await reads("When it is over, nothing is sent.");
    await press("More time");
    await page.clock.runFor(2_000);
    await sees("Show this?");
    await page.clock.runFor(60_000);
    await sees("That did not work");
    await reads("The time to answer is over.");
    await reads("Nothing was sent.");
    await page.clock.resume();
    expect(await noted()).toEqual({ outcome: "Not shown", reason: "closed" });
  });

  test("M6 wallet: a double click shares once", async () => {
    await open("request");
    await sees("Show this?");
    await page.getByRole("button", { name: "Share", exact: true }).dblclick();
    await sees("Shared");
    expect(await noted()).toEqual({ outcome: "Shown", reason: null });
    await page.evaluate((id) => (location.hash = `/history/${id}`), BEFORE + 2);
    await page.getByRole("main").locator("a").first().waitFor();
    expect(await shows("Shown")).toBe(false);
  });
});

describe("refusals", () => {
  test("F4 what was asked too much is named, nothing was sent, and there is no way round", async () => {
    await open("over_asking");
    await sees("Refused for you");
    await reads("Date of birth");
    await reads(/^Nothing was sent/);
    expect(await page.getByRole("button", { name: /^Share/ }).count()).toBe(0);
    expect(await noted()).toEqual({ outcome: "Stopped by your wallet", reason: "over_asking" });
  });

  test("F4 they are told on a tap of its own", async () => {
    await open("over_asking");
    await sees("Refused for you");
    await press("Tell them that I refuse");
    await sees("They were told");
    await page.evaluate((id) => (location.hash = `/history/${id}`), BEFORE + 2);
    await reads("over_asking_told");
  });

  test("F4 a report can be copied, and nothing is sent", async () => {
    await open("over_asking");
    await sees("Refused for you");
    await page.getByText("Report this request").click();
    const report = page.getByRole("region", { name: "Your report" });
    for (const part of [/Who asked: .+/, /Address: .+/, /What they asked too much: Date of birth/])
      expect(await report.innerText()).toMatch(part);
    await press("Copy the report");
    await reads(/^Copied/);
    expect(await noted()).toEqual({ outcome: "Stopped by your wallet", reason: "over_asking" });
  });

  test("F8 no matching card: closing sends nothing", async () => {
    await open("no_match");
    await sees("No matching card");
    await press("Close");
    expect(await noted()).toEqual({ outcome: "Not shown", reason: "closed" });
  });

  test("F8 no matching card: they are told on a tap of its own", async () => {
    await open("no_match");
    await sees("No matching card");
    await press("Tell them that I cannot");
    await sees("They were told");
    expect(await noted()).toEqual({ outcome: "Not shown", reason: "no_matching_card_told" });
  });

  test.for(["offline", "could_not_check", "wrong_clock", "offer_gone", "request_gone"])(
    "M7 wallet: %s: what happened, what is safe, what to do, and a code",
    async (scenario) => {
      await open(scenario);
      await sees("That did not work");
      const lines = await page.getByRole("alert").locator("p").allInnerTexts();
      expect(lines).toHaveLength(4);
      for (const line of lines.slice(0, 3)) expect(line.trim()).toMatch(/^[A-Z].*\.$/s);
      expect(lines[3]).toMatch(/^Code [a-z_]+$/);
    },
  );
});

describe("offers", () => {
  test("I2 yes keeps the card", async () => {
    await open("offer");
    await sees("A card for you");
    await press("Get the card");
    await sees("Is this you?");
    expect(await shows("Vogel")).toBe(true);
    await press("Yes, this is me");
    await sees("Your card is here");
  });

  test("I2 no destroys a card about somebody else", async () => {
    await open("offer_other_person");
    await press("Get the card");
    await sees("Is this you?");
    expect(await shows("Karim")).toBe(true);
    await press("No, not me");
    await sees("The card was destroyed");
    await press("Done");
    await sees("Your cards");
    await reads("No cards yet");
  });

  test("I3 the code names the host that receives it, and a wrong form is not sent", async () => {
    await open("offer_tx");
    await sees("A card for you");
    await reads("This code is sent to population.nordmark.example.");
    await reads(/^Never type a code of your bank here/);
    const field = page.getByLabel("Code for this card");
    for (const wrong of ["12345", "1234567", "12345a"]) {
      await field.fill(wrong);
      await press("Get the card");
      await reads(/Nothing was sent yet/);
      await sees("A card for you");
    }
    // Spaces between groups are no mistake.
    await field.fill("493 027");
    await press("Get the card");
    await sees("Is this you?");
  });

  test("an office that is not recorded comes with a warning", async () => {
    await open("offer_unrecorded");
    await reads("Not publicly recorded");
    await reads(/^Nobody publicly vouches for cards.sv-talbrueck.example/);
  });

  test("J6 no space left: nothing is half stored", async () => {
    await open("storage_full");
    await press("Get the card");
    await reads("There is no space left on this device.");
    await reads(/^Nothing was half stored/);
  });

  test("loading says what is happening, and can be cancelled", async () => {
    await open("slow");
    await sees("One moment");
    await reads("Reading the code and checking who it comes from");
    await press("Cancel");
    await sees("Your cards");
  });
});

describe("reading a code", () => {
  test.for(["missing", "denied", "busy", "lost"])(
    "M1 wallet: camera %s: it is said, and a pasted link still works",
    async (fault) => {
      await open(`camera_${fault}`, "#/add");
      await press("Scan a code");
      await reads(`Code camera_${fault}`);
      await page.getByLabel("Link or text of the code").fill("openid-credential-offer://demo/offer");
      await press("Open the link");
      await sees("A card for you");
    },
  );

  test("M1 wallet: without a camera nothing asks for one", async () => {
    await open("camera_absent", "#/add");
    await sees("Add a card");
    expect(await page.getByRole("button", { name: "Scan a code" }).isVisible()).toBe(false);
  });

  test("M2 wallet: a foreign code is called that, and nothing is opened", async () => {
    await open("camera_foreign_code", "#/add");
    await press("Scan a code");
    await sees("Not one of our codes");
    await reads("This is not a card or a check code.");
    await reads("Nothing was opened, and nothing was sent.");
  });

  test("M2 wallet: two codes in one picture", async () => {
    await open("three_cards", "#/add");
    await choose("openid4vp://demo/request\nopenid4vp://demo/unregistered");
    await reads("There is more than one code in this picture.");
  });

  test("M2 wallet: a picture without a code, and then one with", async () => {
    await open("three_cards", "#/add");
    await choose("");
    await reads("No code was found in this picture.");
    await choose("openid4vp://demo/request");
    await sees("Show this?");
  });
});

/** The wallet in memory takes the lines of a file for the codes in a picture. */
async function choose(lines: string): Promise<void> {
  const file = { name: "code.png", mimeType: "image/png", buffer: Buffer.from(lines) };
  await page.locator("input[type=file]").setInputFiles(file);
}
