/** What surrounds the cards, in the window's screens with a wallet in memory; the catalogue's cases by name. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, launch, openPage } from "./harness/chromium.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";

const PASSPHRASE = "correct horse battery";
const PIN = "274951";
const NEW = "grey heron by the weir";

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

/** Opens a scenario; with `clock` the time stands under the test's hand. */
async function open(scenario: string, hash = "", clock = false): Promise<void> {
  ({ page, faults } = await openPage(browser, { viewport: DESKTOP }));
  if (clock) await page.clock.install();
  await page.goto(`${site.url}/?scenario=${scenario}${hash}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
}

const button = (name: string | RegExp) =>
  page.getByRole("button", { name, exact: typeof name === "string" }).first();
const link = (name: string) => page.getByRole("link", { name }).first();
const sees = (title: string | RegExp) => page.getByRole("heading", { level: 1, name: title }).waitFor();
const reads = (text: string | RegExp) => page.getByText(text).first().waitFor();
const cards = () => page.getByRole("main").locator("li").getByRole("link");
const secrets = () => page.locator("input[type=password]");

async function type(secret: string): Promise<void> {
  await page.keyboard.type(secret);
  await page.keyboard.press("Enter");
}

async function focused(): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
}

async function deleteFirstCard(clicks = 1): Promise<void> {
  await cards().first().click();
  await button("Delete this card").click();
  const confirm = page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true });
  await confirm.click({ clickCount: clicks });
  await sees("Your cards");
}

/** As the system tells it. */
async function looksElsewhere(event: "blur" | "focus"): Promise<void> {
  await page.evaluate((name) => window.dispatchEvent(new Event(name)), event);
}

describe("first run", () => {
  test("M4 wallet: first run by keyboard alone, in the language chosen first", async () => {
    await open("first_run");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await sees("Willkommen bei Holdfast");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await sees("Drei Versprechen");
    await expect.poll(focused).toBe("Drei Versprechen");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await sees("Womit möchten Sie entsperren?");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type(NEW);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await type(NEW);
    await sees("Ihre Wallet ist bereit");
    await button("Zu meinen Karten").press("Enter");
    await sees("Ihre Karten");
    await reads("Bibliotheksausweis (Muster)");
  });

  test("what is too weak or typed differently is said at the field, and nothing is made", async () => {
    await open("first_run");
    await button("Continue").click();
    await button("Continue").click();
    await secrets().nth(0).fill("too short");
    await button("Set up my wallet").click();
    await reads("At least 12 characters. 3 are missing.");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-invalid"))).toBe("true");
    await secrets().nth(0).fill(NEW);
    await secrets().nth(1).fill(`${NEW}s`);
    await button("Set up my wallet").click();
    await reads("The two are not the same.");
    await page.getByRole("radio", { name: "PIN" }).check();
    await secrets().nth(0).fill("123123");
    await reads("This is among the first that anyone would try.");
  });

  test("J3 without a keyring a passphrase alone, and only when the person says so", async () => {
    await open("keyring_absent");
    await button("Continue").click();
    await button("Continue").click();
    await sees("No system keyring found");
    await button("Check again").click();
    await reads("Nothing has changed yet.");
    await button("Use a passphrase alone").click();
    await sees("Choose how you unlock");
    expect(await page.getByRole("radio").count()).toBe(0);
  });
});

describe("unlock", () => {
  test("J1 a wrong PIN says how many tries are left, and the fifth how long to wait", async () => {
    await open("pin", "", true);
    for (const left of ["4 more tries", "3 more tries", "2 more tries", "One more try"]) {
      await type("000001");
      await reads(left);
    }
    await type("000001");
    const timer = page.getByRole("timer");
    const seconds = async (): Promise<number> => {
      const [minutes = NaN, rest = NaN] = (await timer.innerText()).split(":").map(Number);
      return minutes * 60 + rest;
    };
    // The page's time runs on by itself, too.
    const before = await seconds();
    expect(before).toBeGreaterThan(50);
    expect(before).toBeLessThanOrEqual(60);
    await page.clock.runFor(5_000);
    expect(await seconds()).toBeLessThanOrEqual(before - 5);
    await page.clock.runFor(60_000);
    await secrets().waitFor();
    await secrets().fill(PIN);
    await button("Unlock").click();
    await sees("Your cards");
  });

  test("a passphrase may be pasted and looked at", async () => {
    await open("locked");
    await page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      if (document.activeElement?.dispatchEvent(paste)) document.execCommand("insertText", false, text);
    }, PASSPHRASE);
    await button("Show").click();
    expect(await page.getByLabel("Passphrase").inputValue()).toBe(PASSPHRASE);
    await button("Unlock").click();
    await sees("Your cards");
  });

  test("J2 altered files keep it shut; only removing it helps, after what is lost was said", async () => {
    await open("vault_altered");
    await type(PASSPHRASE);
    await reads("vault_altered");
    await button("Remove this wallet").click();
    await reads("All cards, here on this device.");
    await page.getByRole("textbox").fill("rest");
    await button("Remove everything").click();
    await reads("This is not the word “reset”.");
    await page.getByRole("textbox").fill("reset");
    await button("Remove everything").click();
    await sees("Welcome to Holdfast");
  });

  test("J3 a locked keyring is named, with what to do", async () => {
    await open("keyring_locked");
    await sees("Unlock your system keyring");
    await button("Try again").click();
    await sees("Unlock your system keyring");
  });
});

describe("while it is open", () => {
  test("J9 nothing can be read while the person looks elsewhere, not even a dialog", async () => {
    await open("three_cards");
    await cards().first().click();
    await button("Delete this card").click();
    await looksElsewhere("blur");
    const cover = page.locator("[popover]");
    await cover.waitFor();
    expect(await cover.boundingBox()).toMatchObject(DESKTOP);
    await looksElsewhere("focus");
    await cover.waitFor({ state: "hidden" });
  });

  test("J9 locks by itself, after a warning that can be answered", async () => {
    await open("three_cards", "", true);
    await cards().first().waitFor();
    await page.clock.runFor(285_000);
    await reads(/locks in 1\d seconds/);
    await page.keyboard.press("Shift");
    await page
      .getByText(/locks in/)
      .first()
      .waitFor({ state: "hidden" });
    await page.clock.runFor(299_000);
    await sees("Your cards");
    await page.clock.runFor(2_000);
    await sees("Unlock your wallet");
    expect(await page.content()).not.toContain("Person identification");
  });

  test("J14 a deleted card can be had back for ten seconds", async () => {
    await open("three_cards", "", true);
    await deleteFirstCard();
    expect(await cards().count()).toBe(2);
    await button("Undo").click();
    await expect.poll(() => cards().count()).toBe(3);
    await deleteFirstCard();
    await page.clock.runFor(10_500);
    expect(await button("Undo").count()).toBe(0);
    expect(await cards().count()).toBe(2);
  });

  test("M6 wallet: a double click deletes one card and has one back", async () => {
    await open("three_cards");
    await deleteFirstCard(2);
    await button("Undo").dblclick();
    await expect.poll(() => cards().count()).toBe(3);
  });

  test("a portrait is hidden until it is tapped", async () => {
    await open("three_cards");
    await page.getByRole("link", { name: /Person identification/ }).click();
    await sees("Person identification");
    expect(await page.getByRole("img", { name: "Portrait" }).count()).toBe(0);
    await button("Tap to see the picture").click();
    await page.getByRole("img", { name: "Portrait" }).waitFor();
  });

  test("a card is drawn as its office wants it, and named in words", async () => {
    await open("three_cards", "#/cards/residence");
    const drawing = page.getByRole("img", { name: "“Residence” as its office draws it" });
    await drawing.waitFor();
    expect(await drawing.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
    await page.getByRole("figure").getByText("Residence", { exact: true }).waitFor();
  });

  test("E9 wallet: a drawing that is a program runs nothing and asks nobody", async () => {
    await open("drawing_is_a_program");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.getByRole("link", { name: /Residence/ }).click();
    await page.getByRole("img", { name: /as its office draws it/ }).waitFor();
    await sees("Residence");
    expect(await page.title()).not.toContain("ran");
    expect(asked.filter((address) => address.includes("elsewhere"))).toEqual([]);
  });

  test("what stands on a card as a code is read in words", async () => {
    await open("three_cards");
    await page.getByRole("link", { name: /Person identification/ }).click();
    await sees("Person identification");
    await reads("Germany");
    await reads("Female");
  });

  test("a card that is gone is said to be gone once", async () => {
    await open("three_cards", "#/cards/none");
    await page.getByRole("heading", { level: 2, name: "This card is no longer here" }).waitFor();
    await page.getByRole("heading", { level: 1, name: "Card", exact: true }).waitFor();
  });

  test("200 cards are searched while typing", async () => {
    await open("many_cards");
    await page.getByLabel("Search your cards").fill("licence transport");
    await reads("50 cards found");
    await page.getByLabel("Search your cards").fill("nothing like it");
    await button("Show all cards").click();
    expect(await cards().count()).toBe(200);
  });

  test("a status that could not be had is said, and what is shown is from before", async () => {
    await open("status_unavailable");
    await button("Check again").click();
    await reads("2 lists could not be read. What you see is from before.");
    expect(await cards().count()).toBe(3);
  });
});

describe("settings", () => {
  test("language and appearance hold at once", async () => {
    await open("three_cards", "#/settings");
    await page.getByLabel("Appearance").selectOption({ label: "Dark" });
    await page.getByLabel("Language", { exact: true }).selectOption({ label: "Français" });
    await sees("Réglages");
    const root = page.locator("html");
    expect([await root.getAttribute("lang"), await root.getAttribute("data-theme")]).toEqual(["fr", "dark"]);
  });

  test("only who knows the old passphrase sets a new one, and then it alone opens", async () => {
    await open("three_cards", "#/settings/secret");
    await secrets().nth(0).fill("not this one, no");
    await secrets().nth(1).fill(NEW);
    await secrets().nth(2).fill(NEW);
    await button("Change").click();
    await reads("That is not the right passphrase.");
    expect(await page.getByText(/not the right/).count()).toBe(1);
    await secrets().nth(0).fill(PASSPHRASE);
    await button("Change").click();
    await reads("From now on only the new one opens your wallet.");
    await link("Settings").click();
    await button("Back").click();
    await button("Lock").click();
    await type(PASSPHRASE);
    await reads("That is not the right passphrase.");
    await type(NEW);
    await sees("Your cards");
  });

  test("J1 after too many wrong tries nothing can be tried until the wait is over", async () => {
    await open("secret_locked_out", "#/settings/secret", true);
    await secrets().nth(0).fill(PASSPHRASE);
    await secrets().nth(1).fill(NEW);
    await secrets().nth(2).fill(NEW);
    await button("Change").click();
    await reads("There were too many wrong tries.");
    await page.getByRole("timer").waitFor();
    expect(await button("Change").isDisabled()).toBe(true);
    await page.clock.runFor(61_000);
    await expect.poll(() => button("Change").isEnabled()).toBe(true);
  });

  test("J6 no space left for a setting: what helps is room, and no new code", async () => {
    await open("settings_unsaved", "#/settings");
    await page.getByLabel("Lock by itself after").selectOption({ index: 0 });
    await reads("Make some room, then try again.");
  });

  test("while the wallet is being removed nothing offers to keep it", async () => {
    await open("settings_hang", "#/settings/reset");
    expect(await button("Keep my wallet").isEnabled()).toBe(true);
    await page.getByRole("textbox").fill("reset");
    await button("Remove everything").click();
    await page.getByRole("progressbar").waitFor();
    expect(await button("Keep my wallet").isDisabled()).toBe(true);
    expect(await button("Back").count()).toBe(0);
  });

  test("the sample card says what it is, can be practised with, and removed", async () => {
    await open("sample_card");
    await link("Library card (sample)").click();
    await reads("This is a sample.");
    await link("Practise showing it").click();
    await page.getByRole("switch").click();
    await button("Share").click();
    await sees("That was practice");
    await reads("Robin");
    await button("Practise again").click();
    await button("Don’t share").click();
    await reads("Nobody would have learned anything");
    await link("To your cards").click();
    await link("Library card (sample)").click();
    await button("Remove the sample").click();
    await sees("Your cards");
    expect(await page.getByText("Library card").count()).toBe(0);
    await page.evaluate(() => (location.hash = "#/history"));
    await sees("History");
    expect(await page.getByText("Cinema of Nowhere").count()).toBe(0);
  });
});

/** Follows a link, as somebody who pastes it. */
async function follow(address: string): Promise<void> {
  await page.evaluate(() => (location.hash = "#/show"));
  await page.getByLabel("Link or text of the code").fill(address);
  await button("Open the link").click();
}

describe("a link to a list of whom to trust", () => {
  test("fetches nothing before the person looks at it, and says from where it would", async () => {
    await open("three_cards");
    await follow(
      "holdfast-ecosystem://demo/newer?pack=https%3A%2F%2Fledger.nordmark.example%2Fpack&sha256=9c",
    );
    await sees("Trusted list");
    await reads(/ledger\.nordmark\.example\. It is fetched from there when you look at it/);
    expect(await page.getByText("This is what the link leads to").count()).toBe(0);
    expect(await page.getByLabel("Link to the list").inputValue()).toMatch(/^holdfast-ecosystem:/);
    await button("Look at it").click();
    await reads("This is what the link leads to");
  });

  test("of a list that cannot be had nothing is said before it is looked at", async () => {
    await open("three_cards");
    await follow("holdfast-ecosystem://demo/away");
    await sees("Trusted list");
    await button("Look at it").waitFor();
    expect(await page.locator("[data-code]").count()).toBe(0);
    await button("Look at it").click();
    await page.locator("[data-code=ecosystem_unreachable]").waitFor();
  });
});

describe("who knows what", () => {
  test("each of those who asked is there with what they saw, by a link from the history", async () => {
    await open("three_cards", "#/history");
    await link("Who knows what").click();
    await sees("Who knows what");
    await link("Hotel Hafenstein").click();
    await sees("What they know");
    await reads(/^They say that they keep it until/);
    await reads("You hold no receipt of theirs.");
    await button("Back").click();
    await link("Seeblick Wine Shop").click();
    await reads(/^You hold \d+ receipts? of theirs/);
    await reads("They say that they do not keep it.");
    await button("Back").click();
    await link("Bazar du Lac").click();
    await reads("They said themselves that they keep it. Nobody has recorded for how long.");
  });

  test("who is blocked is refused before anything is shown, and can be let in again", async () => {
    await open("three_cards", "#/businesses");
    await link("Seeblick Wine Shop").click();
    await button("Block them").click();
    await reads("Blocked");
    await follow("openid4vp://demo/request");
    await reads("You wanted no more requests from them.");
    expect(await page.getByText("18 or older").count()).toBe(0);
    await button("Close").click();
    await page.evaluate(() => (location.hash = "#/businesses"));
    await link("Seeblick Wine Shop").click();
    await button("Let them ask again").click();
    await button("Block them").waitFor();
    expect(await page.getByText("Blocked", { exact: true }).count()).toBe(0);
  });

  test("what is shown to nobody is refused where it is needed, until that is taken back", async () => {
    await open("three_cards", "#/businesses");
    await link("Seeblick Wine Shop").click();
    await button(/^Never show/).click();
    await button(/^May be shown/).waitFor();
    await follow("openid4vp://demo/request");
    await reads("They need something that you show to nobody.");
    await button("Close").click();
    await page.evaluate(() => (location.hash = "#/businesses"));
    await button(/^May be shown/).click();
    await reads("You have kept nothing from everybody.");
    await follow("openid4vp://demo/request");
    await sees("Show this?");
  });

  test("a letter is drafted and copied; a complaint is saved after a word on what it tells", async () => {
    await open("three_cards", "#/businesses");
    await link("Seeblick Wine Shop").click();
    await page.getByText("Ask them to delete it").click();
    const letter = page.getByRole("region", { name: "Your letter" });
    expect(await letter.innerText()).toMatch(/To Seeblick Wine Shop \(shop\.seeblick\.example\)/);
    await button("Copy the letter").click();
    await reads(/^Copied/);
    await page.getByText("Report this request").click();
    await reads(/They can recognise the visit/);
    await button("Save as a file").click();
    await reads(/^Saved: .+complaint-\d+\.cbor$/);
  });
});
