/** The counter: from signing in to a card that is claimed, and what becomes of it. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { find, signIn } from "./harness/agency.ts";
import { DESKTOP, launch, openPage } from "./harness/chromium.ts";
import { fails } from "./harness/mocks.ts";
import { operator, system } from "./harness/system.ts";
import { Citizen } from "./harness/wallet.ts";

let browser: Browser;
let page: Page;
let faults: string[];
let citizen: Citizen;

beforeAll(async () => {
  browser = await launch();
  citizen = await Citizen.begin("SYN-000002");
  ({ page, faults } = await openPage(browser, { viewport: DESKTOP }));
});

afterAll(async () => {
  citizen?.end();
  await browser?.close();
});

test("a card is claimed within a minute of clicks", async () => {
  const begun = Date.now();
  await signIn(page, "officer");
  await find(page, citizen.person);
  await page
    .getByRole("button", { name: /^Offer/ })
    .first()
    .click();
  const link = page.locator("input[readonly], code, output").filter({ hasText: /openid-credential-offer/ });
  await page.getByText("Waiting for the wallet").waitFor();
  const here = page.getByRole("link", { name: "Open in the wallet on this device" });
  expect(await here.getAttribute("href")).toMatch(/^openid-credential-offer:/);
  const uri = await page.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement>("input, textarea")].map(
      ({ value }) => value,
    );
    const texts = [...document.querySelectorAll("code, a, output, p")].map((one) => one.textContent ?? "");
    const links = [...document.querySelectorAll("a")].map(({ href }) => href);
    return [...fields, ...links, ...texts]
      .find((text) => text.trim().startsWith("openid-credential-offer:"))
      ?.trim();
  });
  expect(uri, await link.count().then(String)).toBeDefined();
  const shown = await page.getByRole("main").innerText();
  const code = /\b\d{3} ?\d{3}\b/.exec(shown)?.[0].replace(" ", "");
  await citizen.does("accept", uri!, ...(code ? ["--tx-code", code] : []));
  await page
    .getByRole("main")
    .getByText(/has the card$/)
    .last()
    .waitFor();
  expect(Date.now() - begun).toBeLessThan(60_000);
});

test("a card that was revoked in the meantime is not to be suspended once more", async () => {
  await page.goto(system().issuer.url);
  await find(page, citizen.person);
  await fails("**/cards/*/suspend", 409, "revoked")(page, system());
  await page
    .getByRole("button", { name: /^Suspend/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await dialog.getByText("The card was revoked in the meantime.").waitFor();
  expect(await dialog.getByRole("button", { name: "Suspend" }).count()).toBe(0);
  const read = page.waitForResponse((response) => /\/people\/[^/]+$/.test(new URL(response.url()).pathname));
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await read;
  await page.unroute("**/cards/*/suspend");
});

test("a card is suspended, valid again, and revoked; a double click does it once", async () => {
  await page.goto(system().issuer.url);
  await find(page, citizen.person);
  await change("Suspend", "Suspended");
  await change("Reactivate", "Valid");
  await change("Revoke", "Revoked");
});

async function change(action: string, becomes: string): Promise<void> {
  const asked: string[] = [];
  const note = (request: { method(): string; url(): string }): void => {
    if (request.method() === "POST") asked.push(request.url());
  };
  page.on("request", note);
  await page
    .getByRole("button", { name: new RegExp(`^${action}`) })
    .first()
    .click();
  await page.getByRole("dialog").getByRole("button", { name: action }).dblclick();
  await page.getByRole("main").getByText(becomes, { exact: true }).first().waitFor();
  page.off("request", note);
  expect(asked.filter((url) => url.includes("/console/"))).toHaveLength(1);
}

test("a clerk is not offered what a clerk may not do", async () => {
  await page.context().clearCookies();
  await signIn(page, "clerk");
  await find(page, citizen.person);
  await page
    .getByRole("button", { name: /^Offer/ })
    .first()
    .waitFor();
  expect(await page.getByRole("button", { name: /^(Suspend|Revoke)/ }).count()).toBe(0);
});

test("M6 issuer: a double click offers once", async () => {
  await page.goto(system().issuer.url);
  await find(page, citizen.person);
  const offered: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && /\/offers$/.test(new URL(request.url()).pathname))
      offered.push(request.url());
  });
  await page
    .getByRole("button", { name: /^Offer/ })
    .first()
    .dblclick();
  await page.getByText("Waiting for the wallet").waitFor();
  expect(offered).toHaveLength(1);
});

test("an offer that a wallet has taken up is not handed over or taken back any more", async () => {
  await fails("**/offers/*/withdraw", 409, "offer_taken")(page, system());
  const main = page.getByRole("main");
  await main.getByRole("img", { name: /^Code for the wallet/ }).waitFor();
  await main.getByRole("button", { name: "Take back" }).click();
  await main.getByText("A wallet has taken this offer up.").waitFor();
  expect(await main.getByRole("img", { name: /^Code for the wallet/ }).count()).toBe(0);
  expect(await main.getByRole("button", { name: "Take back" }).count()).toBe(0);
  await main
    .getByRole("button", { name: /^Back to/ })
    .last()
    .click();
  await page.getByRole("heading", { level: 2, name: "Cards issued" }).waitFor();
  expect(await page.getByRole("link", { name: "Show it again" }).count()).toBe(0);
});

test("M7 issuer: a wrong password: three lines and a code", async () => {
  const { page: other } = await openPage(browser, { viewport: DESKTOP });
  await other.goto(system().issuer.url);
  await other.getByLabel("Name").fill(operator(system().issuer, "clerk").name);
  await other.getByLabel("Password", { exact: true }).fill("not this one");
  await other.getByRole("button", { name: "Sign in" }).click();
  const lines = other
    .getByRole("alert")
    .filter({ has: other.locator("[data-code]") })
    .locator("p");
  await lines.first().waitFor();
  const texts = await lines.allInnerTexts();
  expect(texts).toHaveLength(4);
  for (const line of texts.slice(0, 3)) expect(line.trim()).toMatch(/^[A-Z].*\.$/s);
  expect(texts[3]).toBe("Code sign_in_failed");
  await other.context().close();
});

test("nothing was blocked by the page's own policy", () => {
  expect(faults).toEqual([]);
});
