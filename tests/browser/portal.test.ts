/**
 * The right to ask, by clicks: from an application, by the rule or by two people, to a check that uses it. A wallet
 * answers at its command line; whoever has a window is in portal-window.test.ts.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "./harness/chromium.ts";
import { approved, asks, hands, joins, opened, opensChecks, registrar, stands } from "./harness/portal.ts";
import { system } from "./harness/system.ts";
import { press, told, Walk } from "./harness/walk.ts";
import { Citizen } from "./harness/wallet.ts";

let browser: Browser;
let citizen: Citizen;
/** Where an organisation is signed in, which had a letter. */
let organisation: Page;
const applies = new Walk("walk-apply");

beforeAll(async () => {
  browser = await launch();
  citizen = await Citizen.begin("SYN-000005");
  await citizen.gets("person-identification");
  organisation = await opened(browser);
  await organisation.goto(system().portal.url);
  await organisation.getByRole("link", { name: "Sign in", exact: true }).click();
  await organisation.getByRole("textbox", { name: "Code" }).fill(system().portal.letter);
  await applies.sees("letter", organisation.getByRole("button", { name: "Sign in" }));
  await press(organisation, "Sign in", "Applications and checks");
});

afterAll(async () => {
  citizen?.end();
  await browser?.close();
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
  const [reviewer, approver] = [await registrar(browser, "reviewer"), await registrar(browser, "approver")];
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
  // Nobody has vouched for this name yet.
  await stands(organisation, "Handed in");
  await approved(browser, name);
  await organisation.reload();
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
  await organisation.getByRole("radio").first().click();
  await walk.sees("code", organisation.getByText("1. The customer scans this"));
});
