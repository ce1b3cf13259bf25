/**
 * M4: the whole way through the window and the pages by keyboard alone, with what came of it said aloud; and
 * with text twice as large, in forced colours and without motion.
 */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, launch, openPage } from "./harness/chromium.ts";
import { said, tabTo } from "./harness/keys.ts";
import { motion, shape } from "./harness/look.ts";
import { answers } from "./harness/mocks.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";
import { operator, system } from "./harness/system.ts";
import { Citizen } from "./harness/wallet.ts";
import { BASE as REGISTER, stands } from "./views-agency.ts";
import { ends, ORDER, told } from "./views-business.ts";
import type { Places } from "./views.ts";

let browser: Browser;
let wallet: Site;
let places: Places;
let page: Page;
let faults: string[];

beforeAll(async () => {
  browser = await launch();
  wallet = await serve(join(ROOT, "wallet-app/dist-memory"), await windowPolicy());
  places = { wallet: wallet.url, system: system() };
});

afterEach(async () => {
  await page.context().close();
});

afterAll(async () => {
  await browser.close();
  await wallet.close();
});

describe("M4 by keyboard alone", () => {
  const heading = (name: string) => page.getByRole("heading", { level: 1, name }).waitFor();

  async function open(url: string): Promise<void> {
    await page.goto(url);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
  }

  async function inWallet(scenario: string, hash = ""): Promise<void> {
    ({ page, faults } = await openPage(browser, { viewport: DESKTOP }));
    await open(`${wallet.url}/?scenario=${scenario}${hash}`);
  }

  /** Goes to a control by Tab and presses a key there. */
  async function act(role: Parameters<Page["getByRole"]>[0], name: string | RegExp, key = "Enter") {
    await tabTo(page, page.getByRole(role, { name, exact: typeof name === "string" }).first());
    await page.keyboard.press(key);
  }

  afterEach(() => expect(faults).toEqual([]));

  test("M4 wallet: unlock", async () => {
    await inWallet("locked");
    await page.keyboard.type("not this one, no");
    await page.keyboard.press("Enter");
    await said(page, "That is not the right passphrase.");
    await page.keyboard.type("correct horse battery");
    await page.keyboard.press("Enter");
    await said(page, "Your cards");
  });

  test("M4 wallet: add a card, from the link to the card", async () => {
    await inWallet("empty", "#/");
    await act("link", "Add a card");
    await said(page, "Add a card");
    await tabTo(page, page.getByLabel("Link or text of the code"));
    await page.keyboard.type("openid-credential-offer://demo/offer_tx");
    await page.keyboard.press("Enter");
    await said(page, "A card for you");
    await tabTo(page, page.getByLabel("Code for this card"));
    await page.keyboard.type("493027");
    await act("button", "Get the card");
    await said(page, "Is this you?");
    await act("button", "Yes, this is me");
    await said(page, "Your card is here");
  });

  test("M4 wallet: consent, with something optional added", async () => {
    await inWallet("request_optional");
    await said(page, "Show this?");
    await act("button", "Show values");
    await act("switch", "Given name", "Space");
    await act("button", "Share");
    await said(page, "Shared");
  });

  test("M4 wallet: showing without a network", async () => {
    await inWallet("challenge", "#/");
    await act("link", "Show a card");
    await said(page, "Show this?");
    await act("button", "Show");
    await said(page, "Let them read this");
    // For a moment it cannot be pressed, so that a double tap does not.
    await page.getByRole("button", { name: "They have read it", disabled: false }).waitFor();
    await act("button", "They have read it");
    await said(page, "Shared");
  });

  test("M4 wallet: refusing", async () => {
    await inWallet("request");
    await said(page, "Show this?");
    await act("button", "Don’t share");
    await said(page, "Not shared");
  });

  test("M4 wallet: delete a card and have it back", async () => {
    await inWallet("three_cards", "#/");
    await act("link", /Person identification/);
    await said(page, "Person identification");
    await act("button", "Delete this card");
    await act("button", "Delete");
    await heading("Your cards");
    await act("button", "Undo");
    await page.getByRole("link", { name: /Person identification/ }).waitFor();
  });

  test("M4 wallet: settings", async () => {
    await inWallet("three_cards", "#/");
    await act("link", "Settings");
    await said(page, "Settings");
    await tabTo(page, page.getByLabel("Appearance"));
    await page.keyboard.press("ArrowDown");
    await said(page, "Saved");
    await act("link", "Change passphrase or PIN");
    await said(page, "Change passphrase or PIN");
  });

  test("M4 verifier: desk, from signing in to the verdict", async () => {
    ({ page, faults } = await openPage(browser, { viewport: DESKTOP }));
    await ends(told("yes", "ok"))(page, places.system);
    const { name, password } = operator(places.system.verifier, "staff");
    await open(places.system.verifier.url);
    await tabTo(page, page.getByLabel("Name"));
    await page.keyboard.type(name);
    await tabTo(page, page.getByLabel("Password", { exact: true }));
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await heading("What do you want to check?");
    await act("link", /Show a code/);
    await said(page, "Everything that was asked for holds.");
    await act("button", "Keep showing");
    await act("button", /Next/);
  });

  test("M4 verifier: shop, from Buy to Welcome", async () => {
    ({ page, faults } = await openPage(browser, { viewport: DESKTOP }));
    await answers(ORDER, 200, told("yes", "ok"))(page, places.system);
    await open(places.system.verifier.shop_url);
    await act("link", "Buy");
    await heading("Welcome");
    await said(page, "You showed what was needed, and your order is in.");
    await act("link", /shop/i);
    await page.getByRole("link", { name: "Buy" }).waitFor();
  });

  test("M4 issuer: from the search to a card that is claimed", async () => {
    ({ page, faults } = await openPage(browser, { viewport: DESKTOP }));
    await REGISTER(page, places.system);
    await stands("claimed")(page, places.system);
    await open(places.system.issuer.url);
    // One can type at once.
    await page.keyboard.type("Vogel");
    await said(page, "3 people found");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await said(page, "Ada Vogel");
    await act("button", "Offer Residence");
    await said(page, "Ada Vogel has the card");
    await act("button", "Back to Ada Vogel");
    await said(page, "Ada Vogel");
  });
});

describe("M4 with text at 200 %, in forced colours and without motion", () => {
  const heading = (name: string) => page.getByRole("heading", { level: 1, name });
  const button = (name: string) => page.getByRole("button", { name, exact: true });

  /** A window of somebody who has set all of it. */
  async function open(url: string): Promise<void> {
    ({ page, faults } = await openPage(browser, { viewport: DESKTOP, forcedColors: "active" }));
    await page.addInitScript(() => {
      addEventListener("DOMContentLoaded", () => (document.documentElement.style.fontSize = "200%"));
    });
    await page.goto(url);
  }

  /** A screen with this title: nothing of it is cut off, runs out of the window or moves. */
  async function sees(title: string): Promise<void> {
    await heading(title).waitFor();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("32px");
    expect([...(await shape(page)), ...(await motion(page))], title).toEqual([]);
  }

  afterEach(() => expect(faults).toEqual([]));

  test("M4 wallet: from the request to what was shared", async () => {
    await open(`${wallet.url}/?scenario=request_optional`);
    await sees("Show this?");
    await button("Show values").click();
    await page.getByRole("switch", { name: "Given name" }).check();
    await button("Share").click();
    await sees("Shared");
    // Nor is it said by its colour alone, which is gone.
    await page.getByRole("main").locator("svg").first().waitFor();
    expect(await page.getByRole("listitem").allInnerTexts()).toContain("Given name");
    await button("Done").click();
    await sees("Your cards");
  });

  test("M4 verifier: shop, from Buy to Welcome with a wallet elsewhere", async () => {
    const citizen = await Citizen.begin("SYN-000008");
    try {
      await citizen.gets("person-identification");
      await open(places.system.verifier.shop_url);
      const begun = page.waitForResponse((reply) => reply.url().endsWith("/shop/api/v1/order/checks"));
      await page.getByRole("link", { name: "Buy" }).click();
      await sees("Prove you are 18 to continue");
      const { request_uri: request } = (await (await begun).json()) as { request_uri: string };
      await citizen.does("present", request, "--consent", "yes");
      await sees("Welcome");
      await page.getByRole("main").locator("svg").first().waitFor();
      await said(page, "You showed what was needed, and your order is in.");
    } finally {
      citizen.end();
    }
  });
});
