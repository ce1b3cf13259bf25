/** The desk asks by a code that it shows; the verdict comes by itself. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, openPage, PHONE } from "./harness/chromium.ts";
import { operator, system } from "./harness/system.ts";
import { Citizen } from "./harness/wallet.ts";

let browser: Browser;
let page: Page;
let faults: string[];
let citizen: Citizen;

beforeAll(async () => {
  browser = await launch();
  citizen = await Citizen.begin("SYN-000007");
  await citizen.gets("person-identification");
  ({ page, faults } = await openPage(browser, { viewport: PHONE }));
  const { verifier } = system();
  const { name, password } = operator(verifier, "staff");
  await page.goto(verifier.url);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "What do you want to check?" }).waitFor();
});

afterAll(async () => {
  citizen?.end();
  await browser?.close();
});

/** Opens the page of the check; the request behind the code on it, and what follows it. */
async function ask(): Promise<{ request: string; streams: string[] }> {
  const streams: string[] = [];
  page.on("response", (response) => {
    if (response.headers()["content-type"]?.startsWith("text/event-stream")) streams.push(response.url());
  });
  const opened = page.waitForResponse((response) => /\/checks\/adult\/sessions$/.test(response.url()));
  await page.goto(`${system().verifier.url}/ask/adult`);
  const { request_uri: request } = (await (await opened).json()) as { request_uri: string };
  await page.getByText("Waiting for the customer to scan").first().waitFor();
  return { request, streams };
}

test("a real answer of a wallet turns the page green, by events", async () => {
  const { request, streams } = await ask();
  await citizen.does("present", request, "--consent", "yes");
  await page.getByText("Everything that was asked for holds.", { exact: true }).waitFor();
  await page.getByRole("dialog", { name: "Yes" }).waitFor();
  expect(streams.filter((url) => /\/sessions\/[^/]+\/events$/.test(url))).toHaveLength(1);
  expect(faults).toEqual([]);
});

test("M7 verifier: a customer who shows nothing: icon, word, one line, and the code at the foot", async () => {
  const { request } = await ask();
  await citizen.tries("present", request, "--consent", "no");
  const verdict = page.getByRole("dialog", { name: "Nothing was shown" });
  await verdict.getByText("The customer chose to show nothing.", { exact: true }).waitFor();
  await verdict.locator("[data-code=refused]").waitFor();
  expect(faults).toEqual([]);
});

test("M7 verifier: a wrong password: three lines and a code", async () => {
  const other = await openPage(browser, { viewport: PHONE });
  await other.page.goto(system().verifier.url);
  await other.page.getByLabel("Name").fill(operator(system().verifier, "owner").name);
  await other.page.getByLabel("Password", { exact: true }).fill("not this one");
  await other.page.getByRole("button", { name: "Sign in" }).click();
  const lines = other.page
    .getByRole("alert")
    .filter({ has: other.page.locator("[data-code]") })
    .locator("p");
  await lines.first().waitFor();
  const texts = await lines.allInnerTexts();
  expect(texts).toHaveLength(4);
  for (const line of texts.slice(0, 3)) expect(line.trim()).toMatch(/^[A-Z].*\.$/s);
  expect(texts[3]).toBe("Code sign_in_failed");
  await other.page.context().close();
});
