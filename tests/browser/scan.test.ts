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
import { beside, damaged, png, video, type Held } from "./harness/video.ts";
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
async function reader(
  film?: string,
  before?: (page: Page) => Promise<void>,
): Promise<{ page: Page; faults: string[]; request: string }> {
  browser = await launch(film);
  const opened = await openPage(browser, { viewport: DESKTOP, permissions: film ? ["camera"] : [] });
  const { page } = opened;
  await before?.(page);
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
  await page.getByText("The card is damaged or was changed.", { exact: true }).waitFor();
});

test("M6 verifier: a double click hands an answer in once", async () => {
  const { page, request } = await reader();
  const handed: string[] = [];
  page.on("request", (one) => {
    if (one.url().endsWith("/answer")) handed.push(one.url());
  });
  await page.getByRole("button", { name: "Paste text" }).click();
  await page.getByLabel("Text or link of the code").fill(await emptyAnswer(request, 50));
  await page.getByRole("button", { name: "Read", exact: true }).dblclick();
  await page.getByText("The card is damaged or was changed.", { exact: true }).waitFor();
  expect(handed).toHaveLength(1);
});

test("without a code the reader waits, and the other ways stay open", async () => {
  const { page } = await reader(await video(folder, "none", null));
  await page.getByText("Hold the code into the frame.").waitFor();
  await page.getByRole("button", { name: "Open a picture" }).waitFor();
  await page.getByRole("button", { name: "Paste text" }).waitFor();
});

test("M2 verifier: a foreign code is called what it is, and nothing is opened", async () => {
  const { page } = await reader(await video(folder, "foreign", "https://menu.example/today"));
  const asked = foreignRequests(page);
  await reads(page, "not_a_code", "This is not a card or a check code.");
  expect(asked).toEqual([]);
});

const PICTURES: [string, string, () => Promise<Uint8Array>][] = [
  ["a damaged code", "no_code_found", async () => damaged(folder, "damaged", await png("eyJ".repeat(60)))],
  ["a code of 2,900 bytes", "not_a_code", () => png("x".repeat(2_900))],
  ["somebody's contact details", "not_a_code", () => png("BEGIN:VCARD\nFN:Ada\nEND:VCARD")],
  ["a URL shortener", "not_a_code", () => png("https://bit.ly/3xyz")],
  [
    "two codes",
    "two_codes",
    async () => beside(folder, "two", await png("first code"), await png("second code")),
  ],
  ["no picture in it", "picture_unreadable", async () => Buffer.from("no picture at all")],
];

test.each(PICTURES)("M2 verifier: a picture with %s: %s, and nothing is opened", async (_, code, make) => {
  const { page, faults } = await reader();
  const asked = foreignRequests(page);
  await choose(page, await make());
  await reads(page, code);
  // The page goes on: an answer after that is taken.
  await page.getByRole("button", { name: "Paste text" }).waitFor();
  expect(asked).toEqual([]);
  expect(faults).toEqual([]);
});

test("a picture of an answer is handed in as it is, and gives a verdict", async () => {
  const { page, request } = await reader();
  const answer = await emptyAnswer(request, 400);
  const handed = page.waitForRequest((one) => one.url().endsWith("/answer"));
  await choose(page, await png(answer));
  expect(((await handed).postDataJSON() as { response: string }).response).toBe(answer);
  await page.getByText("The card is damaged or was changed.", { exact: true }).waitFor();
  await page.locator("[data-code=malformed_credential]").waitFor();
});

test("a handheld scanner types an answer, and gives a verdict", async () => {
  const { page, request } = await reader();
  const answer = await emptyAnswer(request, 20);
  const handed = page.waitForRequest((one) => one.url().endsWith("/answer"));
  await scan(page, answer);
  expect(((await handed).postDataJSON() as { response: string }).response).toBe(answer);
  await page.getByText("The card is damaged or was changed.", { exact: true }).waitFor();
});

test("M1 verifier: without a camera it says so in three lines and a code, and a scanner still works", async () => {
  const { page } = await reader();
  await reads(page, "camera_missing", "No camera found.");
  await page.getByRole("button", { name: "Paste text" }).waitFor();
  await page.getByRole("button", { name: "Open a picture" }).waitFor();
  await scan(page, "https://menu.example/today");
  await reads(page, "not_a_code");
});

test.each([
  ["denied", "NotAllowedError", "camera_denied"],
  ["in use", "NotReadableError", "camera_busy"],
])("M1 verifier: a camera that is %s: what to do, and the page stays usable", async (_, name, code) => {
  const { page } = await reader(undefined, async (opened) => {
    await opened.addInitScript((fault) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", fault));
    }, name);
  });
  await reads(page, code);
  await page.getByRole("button", { name: "Paste text" }).click();
  await page.getByLabel("Text or link of the code").fill("https://menu.example/today");
  await page.getByRole("button", { name: "Read", exact: true }).click();
  await reads(page, "not_a_code");
});

test("M1 verifier: a camera that is unplugged: it says so, and goes on once it is back", async () => {
  const film = await video(folder, "unplugged", null);
  const { page } = await reader(film, async (opened) => {
    await opened.addInitScript(() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        Object.assign(window, { unplug: () => stream.getTracks()[0]?.dispatchEvent(new Event("ended")) });
        return stream;
      };
    });
  });
  await page.getByText("Hold the code into the frame.").waitFor();
  await page.evaluate(() => (window as unknown as { unplug(): void }).unplug());
  await reads(page, "camera_lost", "The camera went away.");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Hold the code into the frame.").waitFor();
});

/** A problem in three lines, with this code at its foot. */
async function reads(page: Page, code: string, what?: string): Promise<void> {
  const problem = page.getByRole("alert").filter({ has: page.locator(`[data-code=${code}]`) });
  await problem.first().waitFor();
  const lines = (await problem.first().locator("p").allInnerTexts()).map((line) => line.trim());
  expect(lines).toHaveLength(4);
  for (const line of lines.slice(0, 3)) expect(line).toMatch(/^[A-Z].*\.$/s);
  if (what) expect(lines[0]).toBe(what);
}

/** Requests that leave for anywhere but the desk. */
function foreignRequests(page: Page): string[] {
  const asked: string[] = [];
  const own = new URL(system().verifier.url).origin;
  page.on("request", (request) => {
    if (/^https?:/.test(request.url()) && new URL(request.url()).origin !== own) asked.push(request.url());
  });
  return asked;
}

async function choose(page: Page, picture: Uint8Array): Promise<void> {
  const file = { name: "code.png", mimeType: "image/png", buffer: Buffer.from(picture) };
  await page.locator("input[type=file]").setInputFiles(file);
}

/** What a handheld scanner does: it types fast, and ends with Enter. */
async function scan(page: Page, text: string): Promise<void> {
  await page.evaluate((keys) => {
    for (const key of [...keys, "Enter"])
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }, text);
}

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
