/** The desk's reader with a camera: codes held well and badly, none, and codes of others. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { CompactEncrypt, decodeJwt, importJWK, type JWK } from "jose";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DESKTOP, launch, openPage } from "./harness/chromium.ts";
import { http } from "./harness/http.ts";
import { operator, system } from "./harness/system.ts";
import { video, type Held } from "./harness/video.ts";
import { Citizen } from "./harness/wallet.ts";

const CHECK = "adult";
let folder: string;
let browser: Browser | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-scan-"));
});

afterEach(async () => {
  await browser?.close();
  browser = undefined;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Signs in and opens the reader of a check, the camera seeing `film`. */
async function reader(film?: string): Promise<{ page: Page; faults: string[]; request: string }> {
  browser = await launch(film);
  const opened = await openPage(browser, { viewport: DESKTOP, permissions: film ? ["camera"] : [] });
  const { page } = opened;
  const { verifier } = system();
  const { name, password } = operator(verifier, "staff");
  await page.goto(`${verifier.url}/`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "What do you want to check?" }).waitFor();
  const session = page.waitForResponse((response) => /\/desk\/api\/v1\/.*sessions$/.test(response.url()));
  await page.goto(`${verifier.url}/scan/${CHECK}`);
  const told = (await (await session).json()) as { request_uri: string };
  return { ...opened, request: told.request_uri };
}

/** An answer to a request that is well encrypted and holds no card that anybody signed. */
async function emptyAnswer(request: string, length: number): Promise<string> {
  const uri = new URL(request).searchParams.get("request_uri")!;
  const { text: object } = await http(uri, { method: "POST" });
  const claims = decodeJwt<{ client_metadata: { jwks: { keys: JWK[] } }; state?: string }>(object);
  const key = claims.client_metadata.jwks.keys[0]!;
  const answer = {
    vp_token: { person: ["x".repeat(length)] },
    ...(claims.state ? { state: claims.state } : {}),
  };
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(answer)))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A128GCM", ...(key.kid ? { kid: key.kid } : {}) })
    .encrypt(await importJWK(key, "ECDH-ES"));
}

/** Shows a code of the size of an answer to the camera; the reader must hand in just that text. */
test.each<[string, Held, number]>([
  ["clean", "clean", 400],
  ["turned", "turned", 20],
  ["blurred", "blurred", 20],
  ["dense", "clean", 1_700],
])("a code that is %s is read", async (name, held, length) => {
  // The answer belongs to another session, so the service says no; that it got it is what counts here.
  const first = await reader();
  const answer = await emptyAnswer(first.request, length);
  await browser?.close();
  const { page, faults } = await reader(await video(folder, name, answer, held));
  const handed = await page.waitForRequest((request) => request.url().endsWith("/answer"));
  expect((handed.postDataJSON() as { response: string }).response).toBe(answer);
  expect(faults).toEqual([]);
});

test("an answer pasted in gives a verdict; nobody signed this one", async () => {
  const { page, request } = await reader();
  await page.getByRole("button", { name: "Paste text" }).click();
  await page.getByLabel("Text or link of the code").fill(await emptyAnswer(request, 50));
  await page.getByRole("button", { name: "Read" }).click();
  await page.getByText("The card is damaged or was changed.").waitFor();
});

test("without a code the reader waits, and the other ways stay open", async () => {
  const { page } = await reader(await video(folder, "none", null));
  await page.getByText("Hold the code into the frame.").waitFor();
  await page.getByRole("button", { name: "Open a picture" }).waitFor();
  await page.getByRole("button", { name: "Paste text" }).waitFor();
});

test("M2 a foreign code is called what it is, and nothing is opened", async () => {
  const { page } = await reader(await video(folder, "foreign", "https://menu.example/today"));
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.getByText("This is not a card or a check code").waitFor();
  expect(asked.filter((url) => url.includes("menu.example"))).toEqual([]);
});

test("M1 without a camera the page says what to do and stays usable", async () => {
  const { page } = await reader();
  await page.getByText("No camera found").waitFor();
  await page.getByRole("button", { name: "Paste text" }).waitFor();
});

test("with a connection the answer comes by itself, and clears after ten seconds", async () => {
  const citizen = await Citizen.begin("SYN-000001");
  try {
    await citizen.gets("person-identification");
    const { page, request } = await reader();
    await citizen.does("present", request, "--consent", "yes");
    const verdict = page.getByText("Everything that was asked for holds.", { exact: true });
    await verdict.waitFor();
    await verdict.waitFor({ state: "hidden", timeout: 12_000 });
  } finally {
    citizen.end();
  }
});
