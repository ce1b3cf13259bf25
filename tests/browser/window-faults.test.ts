/** What goes wrong around the real window: files, keyring, other programs, hostile links and pictures. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { By, type WebDriver } from "selenium-webdriver";
import { afterAll, afterEach, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { Desktop, PASSPHRASE } from "./harness/desktop.ts";
import { Hands } from "./harness/hands.ts";
import { end, eventually, run } from "./harness/processes.ts";
import { Stranger } from "./harness/stranger.ts";
import { api, system } from "./harness/system.ts";
import { damaged, png } from "./harness/video.ts";

let desktop: Desktop;
let driver: WebDriver | undefined;
let hands: Hands;
let stranger: Stranger;

beforeAll(async () => {
  stranger = await Stranger.begin("Harbour Kiosk");
  desktop = await Desktop.start(system());
  await desktop.setUp(system(), [stranger], [stranger]);
});

afterEach(tellFailure);

afterAll(async () => {
  await closeWindow();
  await desktop?.stop();
  stranger?.end();
});

async function openWindow(...args: string[]): Promise<void> {
  driver = await desktop.window(...args);
  hands = new Hands(driver);
}

async function closeWindow(): Promise<void> {
  await driver?.quit().catch(() => undefined);
  driver = undefined;
  await desktop.isGone();
}

/** What the window shows when a test fails; to be called before it is closed. */
async function tellFailure({ task }: TestContext): Promise<void> {
  if (task.result?.state === "fail" && driver)
    console.error(await hands.words().catch(() => "the window does not answer"));
}

/** Types the passphrase, which does not open the wallet. */
async function tryToUnlock(): Promise<void> {
  await hands.sees("Unlock your wallet");
  await hands.types("Passphrase", PASSPHRASE);
  await hands.press("Unlock");
}

/** A problem on the screen: three lines and this code. */
async function reads(code: string): Promise<string[]> {
  const problem = await hands.problem(code);
  expect(problem).toHaveLength(3);
  for (const line of problem) expect(line).toMatch(/^[A-Z].*\.$/s);
  return problem;
}

describe("the folder of the wallet", () => {
  let holder: ChildProcess | undefined;

  afterEach(async (context) => {
    await tellFailure(context);
    if (holder) await end(holder);
    holder = undefined;
    await closeWindow();
  });

  test("J6 two instances: another program has it, and the folder is named", async () => {
    const lock = join(desktop.profile, "vault.lock");
    holder = spawn("flock", ["--no-fork", lock, "sleep", "60"], { stdio: "ignore" });
    await eventually(async () => {
      const { code } = await run("flock", ["--nonblock", lock, "true"]);
      if (code === 0) throw new Error("not held yet");
    });
    await openWindow();
    await tryToUnlock();
    const [, , now] = await reads("in_use");
    expect(now).toContain(desktop.profile);
    await end(holder);
    await hands.press("Try again");
    await hands.unlock(PASSPHRASE);
  });

  test("J6 two instances: a second start brings the first window to the front and hands over its link", async () => {
    await openWindow();
    await hands.unlock(PASSPHRASE);
    const first = desktop.pid();
    expect(await desktop.app(...desktop.arguments())).toMatchObject({ code: 0 });
    const wanted = { credential_type: "residence", subject: "SYN-000005" };
    const offer = await api<{ offer_uri: string }>(system().issuer, "/api/v1/offers", wanted);
    expect(await desktop.app(...desktop.arguments(), offer.offer_uri)).toMatchObject({ code: 0 });
    await hands.sees("A card for you");
    expect(desktop.pid()).toBe(first);
  });

  test("J6 a folder that is read only: it is named, and nothing is lost", async () => {
    const before = await desktop.wallet("list");
    const program = await desktop.readOnly();
    try {
      driver = await desktop.windowOf(program);
      hands = new Hands(driver);
      await tryToUnlock();
      const [what, safe, now] = await reads("profile_unusable");
      expect(what).toBe("The folder of your wallet cannot be read or written.");
      expect(safe).toBe("Your cards are safe.");
      expect(now).toContain(desktop.profile);
    } finally {
      chmodSync(desktop.profile, 0o700);
    }
    await closeWindow();
    expect(await desktop.wallet("list")).toEqual(before);
  });
});

describe("what comes from outside", () => {
  beforeAll(async () => {
    await openWindow();
    await hands.unlock(PASSPHRASE);
  });

  afterAll(closeWindow);

  async function add(): Promise<void> {
    await driver!.executeScript("location.hash = '#/'");
    await hands.sees("Your cards");
    await driver!.executeScript("location.hash = '#/add'");
    await hands.sees("Add a card");
  }

  test.each([
    "javascript:document.title='taken'",
    "file:///etc/passwd",
    "intent://scan/#Intent;scheme=zxing;end",
    "tel:112",
    "tauri://localhost/index.html",
    "https://bit.ly/3xyz",
  ])("F15 %s is refused by the window, and nothing is opened", async (link) => {
    await add();
    await hands.types("Link or text of the code", link);
    await hands.press("Open the link");
    await hands.sees("Not one of our codes");
    await reads("not_a_code");
    expect(desktop.visits()).toBeNull();
    expect(await driver!.getTitle()).toBe("Holdfast");
  });

  const PICTURES: [string, string, () => Promise<Uint8Array>][] = [
    [
      "a damaged code",
      "no_code_found",
      async () => damaged(desktop.folder, "damaged", await png("openid4vp://?client_id=x&request_uri=y")),
    ],
    ["a code of 2,900 bytes", "not_a_code", () => png("x".repeat(2_900))],
    ["a URL shortener", "not_a_code", () => png("https://bit.ly/3xyz")],
    ["somebody's contact details", "not_a_code", () => png("BEGIN:VCARD\nFN:Ada\nEND:VCARD")],
    ["the code of a shop", "not_a_code", () => png("4006381333931")],
    ["a file that is no picture", "picture_unreadable", async () => Buffer.from("no picture at all")],
  ];

  test.each(PICTURES)("M2 wallet: a picture with %s: %s, and nothing is opened", async (_, code, make) => {
    await add();
    const file = join(desktop.folder, "code.png");
    writeFileSync(file, await make());
    await driver!.findElement(By.css("input[type=file]")).sendKeys(file);
    await reads(code);
    expect(desktop.visits()).toBeNull();
  });

  test("J10 no page of anybody else is loaded, by whatever way", async () => {
    const asked: string[] = [];
    const server: Server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.setHeader("access-control-allow-origin", "*");
      response.end("<!doctype html><title>evil</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no address");
    const evil = `http://localhost:${address.port}`;
    try {
      const window = await driver!.getCurrentUrl();
      expect(new URL(window).protocol).toBe("tauri:");
      for (const way of [
        "location.href = to + '/navigated'",
        "open(to + '/opened')",
        "const frame = document.createElement('iframe'); frame.src = to + '/framed'; document.body.append(frame)",
        "const script = document.createElement('script'); script.src = to + '/script'; document.head.append(script)",
        "const image = new Image(); image.src = to + '/image'; document.body.append(image)",
        "const link = document.createElement('a'); link.href = to + '/link'; document.body.append(link); link.click()",
        "const form = document.createElement('form'); form.action = to + '/form'; document.body.append(form); form.submit()",
        "fetch(to + '/fetched').catch(() => 0)",
        "navigator.sendBeacon(to + '/beacon', 'x')",
        "try { new WebSocket(to.replace('http', 'ws') + '/socket') } catch {}",
      ])
        await driver!.executeScript(`const to = arguments[0]; ${way}`, evil);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(asked).toEqual([]);
      expect(await driver!.getTitle()).toBe("Holdfast");
      expect(new URL(await driver!.getCurrentUrl()).protocol).toBe("tauri:");
      // Nor does anything of Tauri lie about for a script to find.
      expect(await driver!.executeScript("return typeof window.__TAURI__")).toBe("undefined");
    } finally {
      server.close();
    }
  });
});

describe("where those who have an answer send the browser", () => {
  beforeAll(async () => {
    const wanted = { credential_type: "person-identification", subject: "SYN-000009" };
    const offer = await api<{ offer_uri: string }>(system().issuer, "/api/v1/offers", wanted);
    expect(await desktop.wallet("accept", offer.offer_uri)).toMatchObject({ ok: true });
    await openWindow();
    await hands.unlock(PASSPHRASE);
  });

  afterAll(closeWindow);

  /** Shares with somebody who then sends the browser there; what the window says at the end. */
  async function shares(target: string): Promise<string> {
    const before = stranger.answers.length;
    stranger.goesOn = target;
    await desktop.open(await stranger.asks("urn:holdfast:vct:person-identification:1", "age_over_18"));
    await hands.sees("Show this?");
    await hands.press("Share");
    await hands.sees("Shared");
    expect(stranger.answers).toHaveLength(before + 1);
    const words = await hands.words();
    await hands.press("Done");
    await hands.sees("Your cards");
    return words;
  }

  test.each([
    "javascript:document.title='taken'",
    "file:///etc/passwd",
    "intent://scan/#Intent;scheme=zxing;end",
    "shop-app://done",
  ])("F15 wallet: %s in redirect_uri is not opened, though the answer was shared", async (target) => {
    expect(await shares(target)).not.toContain("Your browser goes on");
    expect(await driver!.getTitle()).toBe("Holdfast");
    expect(new URL(await driver!.getCurrentUrl()).protocol).toBe("tauri:");
    expect(desktop.visits()).toBeNull();
  });

  test("F15 wallet: a page is opened by the browser of the system, and its host is named", async () => {
    const page = `http://${stranger.host}/done#response_code=c`;
    expect(desktop.visits(), "of what came before").toBeNull();
    expect(await shares(page)).toContain(`Your browser goes on at ${stranger.host}.`);
    expect(await desktop.browserWasSentTo()).toBe(page);
  });
});

/** Last of all: in the end the wallet cannot be opened again. */
describe("the keyring", () => {
  const ROOT = "/org/freedesktop/secrets";

  afterEach(async (context) => {
    await tellFailure(context);
    await closeWindow();
  });

  test("J3 denied: it is locked, and nobody unlocks it", async () => {
    const [collection] = objects(await desktop.secrets(ROOT, "Service.ReadAlias", "string:default"));
    await desktop.secrets(ROOT, "Service.Lock", `array:objpath:${collection}`);
    await openWindow();
    await hands.sees("Unlock your system keyring");
    await hands.reads("Your cards are safe.");
    await hands.press("Try again");
    await hands.sees("Unlock your system keyring");
  });

  test("J3 not there: nothing falls back to a key that lies about", async () => {
    await desktop.withoutKeyring();
    await openWindow();
    await tryToUnlock();
    await reads("keyring_unavailable");
    await desktop.withKeyring();
    await hands.press("Try again");
    await hands.unlock(PASSPHRASE);
  });

  test("J3 entry deleted: it says what that means, and opens nothing", async () => {
    const found = await desktop.secrets(
      ROOT,
      "Service.SearchItems",
      "dict:string:string:service,holdfast-wallet",
    );
    const items = objects(found);
    expect(items).toHaveLength(1);
    for (const item of items) await desktop.secrets(item, "Item.Delete");
    await openWindow();
    await tryToUnlock();
    await reads("keyring_entry_missing");
    await hands.press("Remove this wallet");
  });
});

/** The objects in an answer as `dbus-send` prints it. */
function objects(printed: string): string[] {
  return [...printed.matchAll(/object path "([^"]+)"/g)].map(([, path = ""]) => path);
}
