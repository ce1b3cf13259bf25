/** What can I use? In the window's screens, with a wallet in memory. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launch, openPage, PHONE } from "./harness/chromium.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";

let browser: Browser;
let site: Site;
let page: Page;
let faults: string[];

beforeAll(async () => {
  const policy = await windowPolicy();
  [browser, site] = await Promise.all([launch(), serve(join(ROOT, "wallet-app/dist-memory"), policy)]);
});

afterEach(async () => {
  await page.context().close();
  expect(faults).toEqual([]);
});

afterAll(async () => {
  await Promise.all([browser.close(), site.close()]);
});

async function open(scenario: string, hash = "#/services"): Promise<void> {
  ({ page, faults } = await openPage(browser, { viewport: PHONE }));
  await page.goto(`${site.url}/?scenario=${scenario}${hash}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
}

const service = (name: string) => page.getByRole("article", { name });
const group = (name: string) => page.getByRole("region", { name });

test("what the cards open stands first, with a word for each", async () => {
  await open("three_cards");
  await group("You can use these").getByRole("article", { name: "Library card" }).waitFor();
  await group("Not for you").getByRole("article", { name: "Youth travel pass" }).waitFor();
  const headings = await page.getByRole("heading", { level: 2 }).allInnerTexts();
  expect(headings).toEqual(["You can use these", "You lack a card for these", "Not for you"]);
});

test("what is lacking is named with the office that gives it out", async () => {
  await open("empty", "");
  await page.getByRole("link", { name: "What can I use?" }).click();
  const library = service("Library card");
  await library.getByText("Residence", { exact: true }).waitFor();
  await library
    .getByText("You get it from Population Office Nordmark (population.nordmark.example).")
    .waitFor();
});

test("a card of which nothing is known opens nothing", async () => {
  await open("statuses_unknown");
  const library = group("Not known").getByRole("article", { name: "Library card" });
  await library.getByText("Whether your card is still good is not known.").waitFor();
});

test("cost, time limit, law and where to complain unfold by keyboard", async () => {
  await open("three_cards");
  const library = service("Library card");
  await library.locator("summary").focus();
  await page.keyboard.press("Enter");
  for (const [fact, said] of [
    ["Cost", /12\.00/],
    ["Answer within", "3 days"],
    ["Legal basis", /^Library Act/],
    ["Where to complain", "https://nordmark.example/complaints"],
  ] as const) {
    const value = library.locator("dt", { hasText: fact }).locator("xpath=following-sibling::dd[1]");
    await value.getByText(said).first().waitFor();
  }
});

test("an old list says so, and the newest is had on the person's word", async () => {
  await open("services_old");
  await page.getByText(/may be out of date/).waitFor();
  await page.getByRole("button", { name: "Get the newest list" }).click();
  // The text stands after a picture and a blank.
  await page.getByText(/^\s*List confirmed [^.]+$/).waitFor();
  await expect.poll(() => page.getByText(/may be out of date/).count()).toBe(0);
});

test("a list that proves nothing is not called new", async () => {
  await open("services_unproved");
  await page.getByRole("button", { name: "Get the newest list" }).click();
  await page.getByText("Code ledger_proof_invalid").waitFor();
  await page.getByText(/may be out of date/).waitFor();
});
