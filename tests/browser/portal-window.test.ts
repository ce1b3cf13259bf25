/**
 * The right to ask, by clicks on both sides: what a business and the registrar do on pages, and what a citizen does
 * in the window of the wallet. From the first page to a verdict without an account; from a card to an application,
 * and to a check that uses it; from a report about who asked for too much to a wallet that refuses them.
 */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import type { WebDriver } from "selenium-webdriver";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launch } from "./harness/chromium.ts";
import { Desktop, PASSPHRASE } from "./harness/desktop.ts";
import { Hands } from "./harness/hands.ts";
import { OwnVerifier } from "./harness/own.ts";
import {
  approved,
  asks,
  asksMore,
  hands,
  joins,
  opened,
  opensChecks,
  registrar,
  stands,
} from "./harness/portal.ts";
import { eventually } from "./harness/processes.ts";
import { api, system } from "./harness/system.ts";
import { press, told, Walk } from "./harness/walk.ts";
import { Citizen } from "./harness/wallet.ts";

/** Of the register, with every card; everybody in it is invented. */
const PERSON = "SYN-000001";
/** Longer than a log without new entries takes to be confirmed again. */
const CONFIRMED = 75_000;
/** Longer than that twice, and all the clicks. */
const LONG = 360_000;

let browser: Browser;
let desktop: Desktop;
let driver: WebDriver;
let wallet: Hands;
/** A card that nobody needs: taking it back is an entry of the ledger. */
let residence: string;
/** Where the organisation of the card is signed in. */
let organisation: Page;

beforeAll(async () => {
  browser = await launch();
  desktop = await Desktop.start(system());
  await desktop.setUp(system());
  await gets("person-identification");
  await gets("business-representative");
  residence = await gets("residence");
  driver = await desktop.window();
  wallet = new Hands(driver);
  await wallet.unlock(PASSPHRASE);
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail")
    console.error(`the window then showed:\n${await wallet.words().catch(() => "nothing")}`);
});

afterAll(async () => {
  await driver?.quit().catch(() => undefined);
  await desktop?.stop();
  await browser?.close();
});

/** Puts a card into the wallet before its window is opened. */
async function gets(type: string): Promise<string> {
  const { issuer } = system();
  const wanted = { credential_type: type, subject: PERSON };
  const offer = await api<{ id: string; offer_uri: string }>(issuer, "/api/v1/offers", wanted);
  expect(await desktop.wallet("accept", offer.offer_uri)).toMatchObject({ ok: true });
  return (await api<{ credential_id: string }>(issuer, `/api/v1/offers/${offer.id}`)).credential_id;
}

/** Opens a link in the window, reads these words, and shares what is asked. */
async function shares(link: string, words: string, walk?: Walk): Promise<void> {
  await desktop.open(link);
  await wallet.sees("Show this?");
  await wallet.reads(words);
  await walk?.shows("asked", driver, browser);
  await wallet.press("Share");
}

/** Looks at what went out, and goes back to the cards. */
async function shared(walk?: Walk): Promise<void> {
  await wallet.sees("Shared");
  await walk?.shows("shared", driver, browser);
  await wallet.press("Done");
  await wallet.sees("Your cards");
}

test("anybody tries a check: from the first page to the verdict", async () => {
  const walk = new Walk("walk-try");
  const page = await opened(browser);
  const begun = Date.now();
  await page.goto(system().portal.url);
  const way = page.getByRole("link", { name: "Try a check" });
  await walk.sees("landing", way);
  await way.click();
  const question = page.getByRole("link", { name: "18 or older" });
  await walk.sees("question", question);
  const request = await asks(page, question);
  await walk.sees("code", page.getByText("Waiting for the customer to scan").first());
  await shares(request, "Not publicly recorded", walk);
  await walk.sees("verdict", page.getByRole("dialog", { name: "Yes" }));
  told("from the first page to the first verdict", begun, 10);
  await shared(walk);
  await page.context().close();
});

test("whoever may act for an organisation signs in with a card, applies, and the desk asks", async () => {
  const walk = new Walk("walk-card");
  const begun = Date.now();
  organisation = await opened(browser);
  await organisation.goto(`${system().portal.url}/sign-in`);
  await press(organisation, "Show a card", "With a card");
  const link = organisation.getByRole("link", { name: "The wallet is on this device" });
  await walk.sees("code", link);
  await shares((await link.getAttribute("href")) ?? "", "Signing in for an organisation", walk);
  await shared();
  await press(organisation, "I have shown the card", "Applications and checks");
  await walk.sees("applications", organisation.getByRole("heading", { level: 1 }));

  // Under the name that the card vouches for, yes or no alone is registered at once.
  const name = (await organisation.locator("p.lead").first().innerText()).trim();
  await hands(organisation, { name, why: "You must be 18 to buy wine.", claims: ["18 or older"] }, walk);
  await stands(organisation, "Registered");
  await opensChecks(organisation, name);
  await walk.sees("checks", organisation.getByRole("heading", { name: "Ready to use" }));
  await joins(organisation, walk);
  await organisation.getByLabel("Name").fill("till");
  await organisation.getByLabel("Password", { exact: true }).fill("a till by the water");
  await walk.sees("desk", organisation.getByLabel("Name"));
  await press(organisation, "Sign in", "What do you want to check?");
  const request = await asks(organisation, organisation.getByRole("link", { name: "Show a code" }));
  await walk.sees("question", organisation.getByText("Waiting for the customer to scan").first());
  await shares(request, "The answer will be: yes.", walk);
  await walk.sees("verdict", organisation.getByRole("dialog", { name: "Yes" }));
  told("from the card to the application to the verdict", begun, 10);
  await shared(walk);
});

test(
  "who asks for too much is reported from the window, suspended, and refused in the window",
  async () => {
    const walk = new Walk("walk-report");
    const name = "Pier Kiosk";
    const own = await OwnVerifier.make(name);
    try {
      await registers(own, name);
      await shares(await own.asks("check-1"), "18 or older");
      await shared();

      await desktop.open(await own.asks("more"));
      await wallet.sees("Refused for you");
      await walk.shows("refused", driver, browser);
      // A new entry: the log is confirmed anew sooner than when nothing happens.
      await api(system().issuer, `/api/v1/credentials/${residence}/revoke`, {});
      const begun = Date.now();
      await wallet.expand("Report this request");
      const file = await saves();
      await walk.shows("saved", driver, browser);
      await wallet.press("Close");
      await wallet.sees("Your cards");

      await handsIn(file, walk);
      await suspends(name, walk);
      await everybodyRefuses(own);
      await desktop.open(await own.asks("check-1"));
      expect(await wallet.problem("verifier_not_in_record")).toHaveLength(3);
      told("from the report to the refusal", begun, 5);
      await walk.shows("refused-from-then-on", driver, browser);
    } finally {
      await own.end();
    }
  },
  LONG,
);

/** Brings a business with a verifier of its own onto the register, and lets it ask for more than it may. */
async function registers(own: OwnVerifier, name: string): Promise<void> {
  await hands(organisation, { name, why: "You must be 18 to buy this.", claims: ["18 or older"], own });
  // Keys of its own take two people, and a host that shows that it is its own.
  await stands(organisation, "Handed in");
  const value = await organisation.getByLabel("What it has to hold").inputValue();
  await own.proves(value, async () => {
    await press(organisation, "Look now", name);
    await organisation.getByText("the host is proved").waitFor();
  });
  await approved(browser, name);
  await organisation.reload();
  await opensChecks(organisation, name);
  const download = organisation.waitForEvent("download");
  await organisation.getByRole("link", { name: "Your checks as a file" }).click();
  const checks = readFileSync(await (await download).path(), "utf8");
  await own.serve(`${checks}\n${asksMore(checks)}`);
}

/** Saves the report in the window, as soon as the ledger has what proves it; where the file is. */
function saves(): Promise<string> {
  const saved = async () => {
    const file = /Saved: (\S+)/.exec(await wallet.words())?.[1];
    if (file === undefined) throw new Error("not saved yet");
    return file;
  };
  return eventually(async () => {
    await wallet.press("Save as a file");
    return eventually(saved, 4_000);
  }, CONFIRMED);
}

/** Somebody hands the report in, and it counts in public. */
async function handsIn(file: string, walk: Walk): Promise<void> {
  const page = await opened(browser);
  await page.goto(system().portal.url);
  await page.getByRole("link", { name: "Report who asked for too much" }).click();
  await page.getByLabel("The file").setInputFiles(file);
  await walk.sees("file", page.getByLabel("The file"));
  await press(page, "Hand in", "The report is proved");
  await walk.sees("proved", page.getByRole("heading", { level: 1 }));
  await page.getByRole("link", { name: /^club\.localhost/ }).click();
  await walk.sees("counted", page.getByText("1 proved report of asking for too much"));
  await page.context().close();
}

/** One person of the registrar suspends the business. */
async function suspends(name: string, walk: Walk): Promise<void> {
  const page = await registrar(browser, "reviewer");
  await page.getByRole("link", { name: "Reports" }).click();
  await walk.sees("reports", page.getByRole("link", { name }));
  await press(page, "Suspend at once", name);
  await walk.sees("suspended", page.getByText("Suspended", { exact: true }).first());
  await page.context().close();
}

/** Waits until the wallet of somebody else refuses: the suspension has reached everybody. */
async function everybodyRefuses(own: OwnVerifier): Promise<void> {
  const somebody = await Citizen.begin("SYN-000005");
  try {
    await somebody.gets("person-identification");
    await eventually(async () => {
      const answer = await somebody.tries("present", await own.asks("check-1"), "--consent", "yes");
      if (answer.code !== "verifier_not_in_record") throw new Error("a wallet still answers");
    }, CONFIRMED);
  } finally {
    somebody.end();
  }
}
