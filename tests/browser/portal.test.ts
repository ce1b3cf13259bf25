/**
 * The right to ask, by clicks: from the first page to a verdict without an account; from an application to a check
 * that uses it; from a report about who asked for too much to a wallet that refuses them.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DESKTOP, launch, openPage } from "./harness/chromium.ts";
import { OwnVerifier } from "./harness/own.ts";
import { eventually } from "./harness/processes.ts";
import { api, operator, system } from "./harness/system.ts";
import { press, told, Walk } from "./harness/walk.ts";
import { Citizen } from "./harness/wallet.ts";

/** Longer than a log without new entries takes to be confirmed again. */
const CONFIRMED = 75_000;

let browser: Browser;
let citizen: Citizen;
/** Where an organisation is signed in, which had a letter. */
let organisation: Page;
let residence: string;
const folder = mkdtempSync(join(tmpdir(), "holdfast-portal-"));
const applies = new Walk("walk-apply");

beforeAll(async () => {
  browser = await launch();
  citizen = await Citizen.begin("SYN-000005");
  await citizen.gets("person-identification");
  residence = await citizen.gets("residence");
  organisation = await opened();
  await organisation.goto(system().portal.url);
  await organisation.getByRole("link", { name: "Sign in", exact: true }).click();
  await organisation.getByRole("textbox", { name: "Code" }).fill(system().portal.letter);
  await applies.sees("letter", organisation.getByRole("button", { name: "Sign in" }));
  await press(organisation, "Sign in", "Applications and checks");
});

afterAll(async () => {
  citizen?.end();
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(): Promise<Page> {
  return (await openPage(browser, { viewport: DESKTOP })).page;
}

/** What is asked, and of whom. */
interface Wanted {
  name: string;
  why: string;
  claims: string[];
  /** Of these one is enough. */
  choices?: string[];
  own?: OwnVerifier;
}

/** Fills an application in, and hands it in. */
async function hands(page: Page, wanted: Wanted, walk?: Walk): Promise<void> {
  const { name, why, claims, choices = [], own } = wanted;
  await page.goto(`${system().portal.url}/applications`);
  await press(page, "Apply to ask", /./);
  await page.getByLabel("Name, in English").fill(name);
  await page.getByLabel("Mail address").fill("privacy@harbour.example");
  if (own) await page.getByLabel("Where your checks run").selectOption("own");
  await walk?.sees("organisation", page.getByLabel("Mail address"));
  await press(page, "Save", name);
  await press(page, "Add a purpose", "One purpose");
  await page.getByLabel("Why, in English").fill(why);
  await page.getByText("Person identification", { exact: true }).click();
  const card = page.locator("details[open]");
  for (const claim of claims) await card.getByLabel(claim).selectOption("needed");
  for (const [at, claim] of choices.entries()) {
    await card.getByLabel(claim).selectOption(`choice_${at + 1}`);
  }
  await walk?.sees("purpose", card.getByLabel(claims[0]!));
  await press(page, "Save", name);
  if (own) {
    await page.getByLabel("Application file").setInputFiles(own.application);
    await press(page, "Send the file", name);
  }
  await walk?.sees("draft", page.getByRole("button", { name: "Hand in" }));
  await press(page, "Hand in", name);
}

/** Waits until the application on the page stands so. */
async function stands(page: Page, state: string): Promise<void> {
  const badge = page.getByRole("main").getByText(state, { exact: true }).first();
  await eventually(async () => {
    if (await badge.isVisible()) return;
    await page.reload();
    throw new Error(`not ${state} yet`);
  }, 40_000);
}

/** The page *my checks* of the business of this name. */
async function opensChecks(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name: "Applications and checks" }).first().click();
  await page.getByRole("region", { name: "My checks" }).getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name: "My checks" }).waitFor();
}

/** Somebody of the registrar. */
async function registrar(role: string): Promise<Page> {
  const page = await opened();
  const { name, password } = operator(system().portal, role);
  await page.goto(`${system().portal.url}/registrar/sign-in`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await press(page, "Sign in", "Applications to decide on");
  return page;
}

/** Shows the code of a check; the request behind it. */
async function asks(page: Page, way: Locator): Promise<string> {
  const opened = page.waitForResponse((response) => /\/checks\/[^/]+\/sessions$/.test(response.url()));
  await way.click();
  const { request_uri } = (await (await opened).json()) as { request_uri: string };
  return request_uri;
}

test("anybody tries a check: from the first page to the verdict", async () => {
  const walk = new Walk("walk-try");
  const page = await opened();
  const begun = Date.now();
  await page.goto(system().portal.url);
  const way = page.getByRole("link", { name: "Try a check" });
  await walk.sees("landing", way);
  await way.click();
  const question = page.getByRole("link", { name: "18 or older" });
  await walk.sees("question", question);
  const request = await asks(page, question);
  await walk.sees("code", page.getByText("Waiting for the customer to scan").first());
  await citizen.does("present", request, "--consent", "yes");
  await walk.sees("verdict", page.getByRole("dialog", { name: "Yes" }));
  told("from the first page to the first verdict", begun, 10);
  await page.context().close();
});

test("whoever may act for an organisation signs in with a card", async () => {
  const walk = new Walk("walk-card");
  // The first people of the register have every card.
  const representative = await Citizen.begin();
  try {
    await representative.gets("business-representative");
    const page = await opened();
    await page.goto(`${system().portal.url}/sign-in`);
    await press(page, "Show a card", "With a card");
    const link = page.getByRole("link", { name: "The wallet is on this device" });
    await walk.sees("code", link);
    const request = (await link.getAttribute("href")) ?? "";
    await representative.does("present", request, "--consent", "yes");
    await press(page, "I have shown the card", "Applications and checks");
    await walk.sees("applications", page.getByRole("heading", { level: 1 }));
    await page.context().close();
  } finally {
    representative.end();
  }
});

test("yes or no alone is registered at once, and a program of the business asks", async () => {
  const begun = Date.now();
  const name = "Harbour Café";
  await applies.sees("applications", organisation.getByRole("button", { name: "Apply to ask" }));
  await hands(organisation, { name, why: "You must be 18 to buy wine.", claims: ["18 or older"] }, applies);
  await stands(organisation, "Registered");
  await applies.sees("registered", organisation.getByRole("heading", { name: "What was done" }));
  await opensChecks(organisation, name);
  const business = new URL(organisation.url()).pathname.split("/").pop() ?? "";
  await applies.sees("checks", organisation.getByRole("heading", { name: "Ready to use" }));
  await organisation.getByLabel("Name", { exact: true }).fill("Till");
  await press(organisation, "Make a token", "Shown once");
  const token = await organisation.getByLabel("Secret").inputValue();
  await applies.sees("token", organisation.getByLabel("Secret"));
  await organisation.getByRole("link", { name: "My checks" }).first().click();
  await organisation.getByRole("link", { name: "Interface for your programs" }).click();
  await organisation.getByLabel("Token of your business").fill(token);
  const [opening, reading] = ["POST /api/v1/checks/{check}/sessions", "GET /api/v1/sessions/{id}"].map(
    (call) => organisation.getByRole("region", { name: call, exact: true }),
  );
  await opening!.getByText("Try it").click();
  await opening!.getByLabel("check", { exact: true }).fill("check-1");
  await opening!.getByRole("button", { name: "Send" }).click();
  await opening!.getByText(/^20[01]/).waitFor();
  await applies.sees("asked", opening!.getByRole("button", { name: "Send" }));
  const session = JSON.parse(/\{.*/s.exec(await opening!.locator("pre").innerText())![0]) as {
    id: string;
    request_uri: string;
  };
  // The record names the rule that the request carries, so that the wallet could say what would come of it.
  const shown = await citizen.does("present", session.request_uri, "--consent", "yes");
  expect(shown["answer"]).toBe("yes");
  await reading!.getByText("Try it").click();
  await reading!.getByLabel("id", { exact: true }).fill(session.id);
  await reading!.getByRole("button", { name: "Send" }).click();
  await applies.sees("verdict", reading!.getByText(/"verdict":\s*"yes"/));
  expect(business).not.toBe("");
  told("from the application to the verdict", begun, 10);
});

test("a name takes two people of the registrar; then the desk of the business asks", async () => {
  const walk = new Walk("walk-approve");
  const begun = Date.now();
  const [reviewer, approver] = [await registrar("reviewer"), await registrar("approver")];
  const name = "Harbour Hire";
  await hands(organisation, { name, why: "We hire out boats, in your name.", claims: ["Family name"] });
  await stands(organisation, "Handed in");
  await walk.sees("waits", organisation.getByText("Handed in", { exact: true }).first());
  for (const [page, state, seen] of [
    [reviewer, "Approved by one of two", "one-of-two"],
    [approver, "Registered", "two-of-two"],
  ] as const) {
    await page.goto(`${system().portal.url}/registrar`);
    await page.getByRole("link", { name }).first().click();
    if (page === reviewer) await walk.sees("decision", page.getByRole("button", { name: "Approve" }));
    await press(page, "Approve", name);
    await stands(page, state);
    await walk.sees(seen, page.getByText(state, { exact: true }).first());
  }
  await organisation.reload();
  await walk.sees("registered", organisation.getByText("Registered", { exact: true }).first());
  await opensChecks(organisation, name);
  await walk.sees("checks", organisation.getByRole("link", { name: "Check desk" }));
  await joins(organisation);
  await organisation.getByLabel("Name").fill("till");
  await organisation.getByLabel("Password", { exact: true }).fill("a till by the water");
  await press(organisation, "Sign in", "What do you want to check?");
  const request = await asks(organisation, organisation.getByRole("link", { name: "Show a code" }));
  await walk.sees("code", organisation.getByText("Waiting for the customer to scan").first());
  await citizen.does("present", request, "--consent", "yes");
  await walk.sees("verdict", organisation.getByRole("dialog", { name: "Yes" }));
  told("from the application to the verdict, with two people between", begun, 10);
  for (const page of [reviewer, approver]) await page.context().close();
});

test("one of two answers is enough, and a business has its kiosk in a browser", async () => {
  const walk = new Walk("walk-kiosk");
  const name = "Harbour Gate";
  const why = "You must be 18 to come in.";
  const choices = ["18 or older", "65 or older"];
  await hands(organisation, { name, why, claims: [], choices });
  await stands(organisation, "Registered");
  await walk.sees("registered", organisation.getByText("One is enough").first());
  await opensChecks(organisation, name);
  const enough = "One of these is enough: 18 or older, or 65 or older.";
  await walk.sees("checks", organisation.getByText(enough));
  const kiosk = await organisation.getByRole("link", { name: /^Kiosk/ }).getAttribute("href");
  await joins(organisation);
  await organisation.getByLabel("Name").fill("till");
  await organisation.getByLabel("Password", { exact: true }).fill("a till by the water");
  await press(organisation, "Sign in", "What do you want to check?");
  const request = await asks(organisation, organisation.getByRole("link", { name: "Show a code" }));
  const shown = await citizen.does("present", request, "--consent", "yes");
  expect(shown["answer"]).toBe("yes");
  await organisation.getByRole("dialog", { name: "Yes" }).waitFor();
  await organisation.goto(kiosk ?? "");
  await organisation.getByRole("radio").first().check();
  await walk.sees("code", organisation.getByText("1. The customer scans this"));
});

/** Staff of a business: invited on *my checks*, and joining with the code of the letter. */
async function joins(page: Page): Promise<void> {
  await page.getByLabel("Name to sign in with").fill("till");
  await press(page, "Invite", "The invitation for the letter");
  const code = await page.getByLabel("Code").inputValue();
  await page.getByRole("link", { name: /\/join$/ }).click();
  await page.getByLabel("Code of the letter").fill(code);
  await page.getByLabel("New password", { exact: true }).fill("a till by the water");
  await press(page, "Join", "You are on the staff");
  await page.getByRole("link", { name: "Sign in" }).click();
}

test("who asks for too much is reported, suspended, and refused by wallets", async () => {
  const walk = new Walk("walk-report");
  const own = await OwnVerifier.make("Pier Kiosk");
  try {
    const wanted = { name: "Pier Kiosk", why: "You must be 18 to buy this.", claims: ["18 or older"] };
    await hands(organisation, { ...wanted, own });
    // Keys of its own take two people, and a host that shows that it is its own.
    await stands(organisation, "Handed in");
    const value = await organisation.getByLabel("What it has to hold").inputValue();
    await own.proves(value, async () => {
      await press(organisation, "Look now", wanted.name);
      await organisation.getByText("the host is proved").waitFor();
    });
    for (const [role, state] of [
      ["reviewer", "Approved by one of two"],
      ["approver", "Registered"],
    ] as const) {
      const page = await registrar(role);
      await page.getByRole("link", { name: wanted.name }).first().click();
      await press(page, "Approve", wanted.name);
      await stands(page, state);
      await page.context().close();
    }
    await organisation.reload();
    await opensChecks(organisation, wanted.name);
    const download = organisation.waitForEvent("download");
    await organisation.getByRole("link", { name: "Your checks as a file" }).click();
    const checks = readFileSync(await (await download).path(), "utf8");
    await own.serve(`${checks}\n${asksMore(checks)}`);
    await citizen.does("present", await own.asks("check-1"), "--consent", "yes");

    const refused = await citizen.tries("present", await own.asks("more"), "--consent", "yes");
    expect(refused).toMatchObject({ ok: false, code: "over_asking" });
    // A new entry: the log is confirmed anew sooner than when nothing happens.
    await api(system().issuer, `/api/v1/credentials/${residence}/revoke`, {});
    const begun = Date.now();
    const file = await complaint();

    const page = await opened();
    await page.goto(system().portal.url);
    await page.getByRole("link", { name: "Report who asked for too much" }).click();
    await page.getByLabel("The file").setInputFiles(file);
    await walk.sees("file", page.getByLabel("The file"));
    await press(page, "Hand in", "The report is proved");
    await walk.sees("proved", page.getByRole("heading", { level: 1 }));
    await page.getByRole("link", { name: /^club\.localhost/ }).click();
    await walk.sees("counted", page.getByText("1 proved report of asking for too much"));
    await page.context().close();

    const reviewer = await registrar("reviewer");
    await reviewer.getByRole("link", { name: "Reports" }).click();
    await walk.sees("reports", reviewer.getByRole("link", { name: wanted.name }));
    await press(reviewer, "Suspend at once", wanted.name);
    await walk.sees("suspended", reviewer.getByText("Suspended", { exact: true }).first());
    await reviewer.context().close();

    const ordinary = await eventually(async () => {
      const answer = await citizen.tries("present", await own.asks("check-1"), "--consent", "yes");
      if (answer.ok) throw new Error("the wallet still answers");
      return answer;
    }, CONFIRMED);
    expect(ordinary.code).toBe("verifier_not_in_record");
    told("from the report to the refusal", begun, 5);
  } finally {
    await own.end();
  }
});

/** The check of a file once more, for a name that is not registered. */
function asksMore(checks: string): string {
  const check = checks.slice(checks.indexOf("[[check]]"));
  return check
    .replace('"check-1"', '"more"')
    .replaceAll("age_over_18", "family_name")
    .replaceAll('"bool"', '"string"')
    .replace(/^rule = .*$/m, 'rule = "true"');
}

/** The file about the newest request that was refused. */
async function complaint(): Promise<string> {
  const { entries } = (await citizen.does("history")) as unknown as {
    entries: { id: number; code?: string }[];
  };
  const file = join(folder, "complaint.cbor");
  const ids = entries.map(({ id }) => id);
  await eventually(async () => {
    await citizen.does("complain", String(Math.max(...ids)), "--out", file);
  }, CONFIRMED);
  return file;
}
