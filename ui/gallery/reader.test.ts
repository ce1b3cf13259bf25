/** The QR reader in a browser: every way in, and every way to fail (M1, M2). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Page } from "playwright-core";
import { Gallery, hasChromium } from "./chromium.ts";
import { code } from "./codes.ts";

const OFFER = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example%2Foffer";
const SHOP = "https://shop.example/menu";

let gallery: Gallery;

async function choose(page: Page, markup: string) {
  const buffer = await gallery.draw(markup);
  await page.setInputFiles("input[type=file]", { name: "picture.png", mimeType: "image/png", buffer });
}

/** Makes the camera fail as the browser would. */
function cameraFails(name: string): () => void {
  return new Function(
    `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "${name}"))`,
  ) as () => void;
}

/** Puts a drawing in place of the camera's picture. */
function cameraShows(picture: Buffer): () => void {
  const source = `data:image/png;base64,${picture.toString("base64")}`;
  return new Function(`
    navigator.mediaDevices.getUserMedia = async () => {
      const image = new Image();
      image.src = "${source}";
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [640, 480];
      const context = canvas.getContext("2d");
      const draw = () => context.drawImage(image, 0, 0);
      draw();
      setInterval(draw, 100);
      const stream = canvas.captureStream(10);
      [window.track] = stream.getTracks();
      return stream;
    }`) as () => void;
}

describe.skipIf(!hasChromium)("reader", () => {
  beforeAll(async () => {
    gallery = await Gallery.start();
  }, 60_000);
  afterAll(() => gallery.stop());

  test.each([
    ["NotAllowedError", "The camera is not allowed here"],
    ["NotFoundError", "No camera found"],
    ["NotReadableError", "Another program is using the camera"],
  ])("M1 %s is explained, and a pasted text is still read", async (name, words) => {
    const { page } = await gallery.show("reader", {}, cameraFails(name));
    await page.getByText(words).waitFor();
    await page.getByRole("button", { name: "Paste text" }).click();
    await page.getByLabel("Text or link of the code").fill(` ${OFFER} `);
    await page.getByRole("button", { name: "Read", exact: true }).click();
    await expect.poll(() => page.locator("#decoded").textContent()).toBe(`paste: ${OFFER}`);
    await page.context().close();
  });

  test("M1 a camera unplugged during the scan is explained and can be tried again", async () => {
    const { page } = await gallery.show("reader", {}, cameraShows(await gallery.draw("")));
    await page.getByText("Hold the code into the frame").waitFor();
    await page.evaluate(() =>
      (window as unknown as { track: EventTarget }).track.dispatchEvent(new Event("ended")),
    );
    await page.getByText("The camera went away").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Hold the code into the frame").waitFor();
    await page.context().close();
  });

  test("M1 a handheld scanner needs no field and no focus", async () => {
    const { page } = await gallery.show("reader", {}, cameraFails("NotFoundError"));
    // In one go, as a scanner does: the test's own way to the page is slower.
    await page.evaluate(
      (keys) => {
        for (const key of keys)
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      },
      [...OFFER, "Enter"],
    );
    await expect.poll(() => page.locator("#decoded").textContent()).toBe(`scanner: ${OFFER}`);
    await page.context().close();
  });

  test("M1 a decoder that cannot be loaded is explained", async () => {
    const { page } = await gallery.show("welcome");
    await page.route("**/*.wasm", (route) => route.abort());
    await page.goto(page.url().replace("welcome", "reader"));
    await choose(page, await code(OFFER));
    await page.getByText("The reader could not be loaded").first().waitFor();
    await page.context().close();
  });

  test.each([
    ["clean", ""],
    ["turned", "transform:rotate(33deg) scale(0.8)"],
    ["blurred", "filter:blur(2px)"],
  ])("a %s code is read from the camera, once", async (_name, look) => {
    const picture = await gallery.draw(await code(OFFER, 360, look));
    const { page } = await gallery.show("reader", {}, cameraShows(picture));
    await expect.poll(() => page.locator("#decoded").textContent()).toBe(`camera: ${OFFER}`);
    await page.waitForTimeout(400);
    expect(await page.locator("#times").textContent()).toBe("1");
    await page.context().close();
  });

  test("a code of 2 KB is read from a picture", async () => {
    const { page } = await gallery.show("reader");
    const text = `openid4vp://?client_id=${"abcdefgh".repeat(250)}`;
    await choose(page, await code(text, 440));
    await expect.poll(() => page.locator("#decoded").textContent()).toBe(`picture: ${text}`);
    await page.context().close();
  });

  test("M2 two codes in one picture are both told", async () => {
    const { page } = await gallery.show("reader");
    await choose(page, (await code(OFFER, 250)) + (await code(SHOP, 250)));
    await expect.poll(() => page.locator("#decoded").textContent()).toMatch(/^picture: .+ \| .+$/);
    await page.context().close();
  });

  test.each([
    ["the code of a shop", SHOP, "It is a link to a web page. Nothing was opened."],
    ["a vCard", "BEGIN:VCARD\nFN:Ada\nEND:VCARD", "It is somebody’s contact details. Nothing was saved."],
    ["anything else", "WIFI:S:cafe;;", "Nothing was opened."],
  ])("M2 %s is none of ours", async (_name, text, words) => {
    const { page } = await gallery.show("reader&wanted=1");
    await choose(page, await code(text));
    await page.getByText("This is not a card or a check code").waitFor();
    await page.getByText(words).waitFor();
    expect(await page.locator("#decoded").textContent()).toBe("");
    await page.context().close();
  });

  test("M2 of two codes none is taken", async () => {
    const { page } = await gallery.show("reader&wanted=1");
    await choose(page, (await code(OFFER, 250)) + (await code(SHOP, 250)));
    await page.getByText("There is more than one code").waitFor();
    expect(await page.locator("#decoded").textContent()).toBe("");
    await page.context().close();
  });

  test("M2 a picture without a code, and a file that is no picture", async () => {
    const { page } = await gallery.show("reader");
    await choose(page, "");
    await page.getByText("No code was found in this picture").waitFor();
    const buffer = Buffer.from("no picture");
    await page.setInputFiles("input[type=file]", { name: "a.png", mimeType: "image/png", buffer });
    await page.getByText("This file is not a picture that can be read").waitFor();
    await page.context().close();
  });
});
