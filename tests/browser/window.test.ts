/** The story in the real window: first run, a card, the shop, the wallet opened by its links. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import type { WebDriver } from "selenium-webdriver";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launch, openPage } from "./harness/chromium.ts";
import { Desktop, PASSPHRASE } from "./harness/desktop.ts";
import { Hands } from "./harness/hands.ts";
import { run } from "./harness/processes.ts";
import { api, program, system } from "./harness/system.ts";

/** Of the register; everybody in it is invented. */
const PERSON = "SYN-000001";

let browser: Browser;
let desktop: Desktop;
let driver: WebDriver;
let hands: Hands;

beforeAll(async () => {
  browser = await launch();
  desktop = await Desktop.start(system());
  driver = await desktop.window();
  hands = new Hands(driver);
});

afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  const words = await driver
    .findElement({ css: "body" })
    .then((body) => body.getText())
    .catch(() => "");
  console.error(`the window then showed:\n${words}`);
});

afterAll(async () => {
  await driver?.quit().catch(() => undefined);
  await desktop?.stop();
  await browser?.close();
});

test("first run, under a minute", async () => {
  const begun = Date.now();
  await hands.sees("Welcome to Holdfast");
  await hands.press("Continue");
  await hands.sees("Three promises");
  await hands.press("Continue");
  await hands.types("Passphrase", PASSPHRASE);
  await hands.types("The passphrase once more", PASSPHRASE);
  await hands.press("Set up my wallet");
  await hands.sees("Your wallet is ready");
  await hands.press("Go to my cards");
  await hands.sees("Your cards");
  expect(Date.now() - begun).toBeLessThan(60_000);
});

test("a card is offered by a link that the system hands over", async () => {
  const issuer = system().issuer;
  const offer = await api<{ id: string; offer_uri: string; tx_code: string }>(issuer, "/api/v1/offers", {
    credential_type: "person-identification",
    subject: PERSON,
    tx_code: true,
  });
  await desktop.open(offer.offer_uri);
  await hands.sees("A card for you");
  await hands.types("Code for this card", offer.tx_code);
  await hands.press("Get the card");
  await hands.sees("Is this you?");
  await hands.press("Yes, this is me");
  await hands.sees("Your card is here");
  const state = await api<{ state: string; credential_id?: string }>(issuer, `/api/v1/offers/${offer.id}`);
  expect(state.credential_id).toBeTypeOf("string");
  await hands.press("To my cards");
  await hands.sees("Your cards");
});

test("the shop opens the wallet, and says welcome", async () => {
  const { verifier } = system();
  const { page, faults } = await openPage(browser, { viewport: { width: 360, height: 640 } });
  await page.goto(verifier.shop_url);
  await page.getByRole("link", { name: "Buy" }).click();
  await page.getByRole("heading", { level: 1, name: "Prove you are 18 to continue" }).waitFor();
  const started = page.waitForResponse(
    (response) =>
      response.url().endsWith("/order/checks") && /same_device/.test(response.request().postData() ?? ""),
  );
  await page.getByRole("button", { name: "Open my wallet" }).click();
  const { request_uri: link } = (await (await started).json()) as { request_uri: string };
  expect(link).toMatch(/^openid4vp:/);

  await desktop.open(link);
  await hands.sees("Show this?");
  await hands.reads("18 or older");
  await hands.press("Share");
  await hands.sees("Shared");

  await page.goto(await desktop.browserWasSentTo());
  await page.getByRole("heading", { name: /welcome/i }).waitFor();
  expect(faults).toEqual([]);
  const order = await page.evaluate(
    async () => (await fetch("/shop/api/v1/order")).json() as Promise<unknown>,
  );
  expect(order).toMatchObject({ state: "answered", verdict: "yes" });
  await page.context().close();
});

test("a business that asks over its own interface is told yes there", async () => {
  const { verifier } = system();
  const session = await api<{ id: string; request_uri: string }>(
    verifier,
    "/api/v1/checks/adult/sessions",
    {},
  );
  await hands.press("Done");
  await desktop.open(session.request_uri);
  await hands.sees("Show this?");
  await hands.press("Share");
  await hands.sees("Shared");
  expect(await api(verifier, `/api/v1/sessions/${session.id}`)).toMatchObject({
    state: "answered",
    verdict: "yes",
    reason: "ok",
  });
});

test("the command line finds the same card in the same vault", async () => {
  await driver.quit();
  const pin = join(desktop.folder, "pin");
  writeFileSync(pin, PASSPHRASE, { mode: 0o600 });
  const args = ["--profile", desktop.profile, "--pin-file", pin, "--json", "list"];
  const { out } = await run(program("holdfast-wallet"), args, desktop.env);
  const listed = JSON.parse(out) as { ok: boolean; cards: { type: string }[] };
  expect(listed.ok).toBe(true);
  expect(listed.cards.map(({ type }) => type)).toEqual(["urn:holdfast:vct:person-identification:1"]);
});
