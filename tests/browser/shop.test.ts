/** The example shop, with a wallet on another device. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HoldfastCheck } from "../../clients/typescript/src/check/element.ts";
import { find, signIn } from "./harness/agency.ts";
import { DESKTOP, launch, openPage, PHONE } from "./harness/chromium.ts";
import { fails } from "./harness/mocks.ts";
import { eventually } from "./harness/processes.ts";
import { system } from "./harness/system.ts";
import { told } from "./harness/walk.ts";
import { Citizen } from "./harness/wallet.ts";

let browser: Browser;
let citizen: Citizen;

beforeAll(async () => {
  browser = await launch();
  citizen = await Citizen.begin("SYN-000003");
  await citizen.gets("person-identification");
});

afterAll(async () => {
  citizen?.end();
  await browser?.close();
});

/** Buys, and gives what the wallet on another device scans. */
async function buy(): Promise<{ page: Page; faults: string[]; request: string }> {
  const { page, faults } = await openPage(browser, { viewport: PHONE });
  const opened = page.waitForResponse((response) => response.url().endsWith("/shop/api/v1/order/checks"));
  await page.goto(system().verifier.shop_url);
  await page.getByRole("link", { name: "Buy" }).click();
  await page.getByRole("heading", { level: 1, name: "Prove you are 18 to continue" }).waitFor();
  // On a desktop the code for a wallet elsewhere is shown at once.
  const { request_uri } = (await (await opened).json()) as { request_uri: string };
  return { page, faults, request: request_uri };
}

test("welcome, once the wallet has answered", async () => {
  const { page, faults, request } = await buy();
  // The code is shown by the element that any page of a business may use.
  const check = page.locator("holdfast-check");
  await expect.poll(() => check.evaluate((element) => (element as HoldfastCheck).phase)).toBe("code");
  await citizen.does("present", request, "--consent", "yes");
  await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();
  expect(faults).toEqual([]);
});

test("who shows nothing is not welcome, and nothing is held against them", async () => {
  const { page, request } = await buy();
  await citizen.tries("present", request, "--consent", "no");
  await page.getByRole("heading", { level: 1, name: "You showed nothing" }).waitFor();
});

test("a shop that is too busy offers to try again, and no code that is not there", async () => {
  const { page } = await openPage(browser, { viewport: PHONE });
  const checks = "**/shop/api/v1/order/checks";
  await fails(checks, 429, "too_many_attempts", { "retry-after": "240" })(page, system());
  await page.goto(system().verifier.shop_url);
  await page.getByRole("link", { name: "Buy" }).click();
  await page.getByText("too many customers").waitFor();
  const elsewhere = page.getByText("My wallet is on another device");
  expect(await elsewhere.count()).toBe(0);
  await page.unroute(checks);
  await page.getByRole("button", { name: "Try again" }).click();
  await elsewhere.waitFor();
  await page.context().close();
});

test("a card that was revoked by a click is not sold to, within a minute of the click", async () => {
  const { page: office } = await openPage(browser, { viewport: DESKTOP });
  await signIn(office, "officer");
  await find(office, citizen.person);
  await office
    .getByRole("button", { name: /^Revoke/ })
    .first()
    .click();
  const begun = Date.now();
  await office.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await office.getByRole("main").getByText("Revoked", { exact: true }).first().waitFor();
  // The shop takes the lists anew twice a second, and on a busy machine a little later.
  await eventually(async () => {
    const { page, request } = await buy();
    try {
      await citizen.does("present", request, "--consent", "yes");
      const refusal = page.getByRole("heading", { level: 1, name: "We cannot sell you this" });
      await refusal.waitFor({ timeout: 3_000 });
      await page.getByRole("main").getByText("Your card is not valid any more").first().waitFor();
    } finally {
      await page.context().close();
    }
  }, 30_000);
  told("from the click that revokes to the no", begun, 1);
});
