// Pictures of the built gallery: node pictures.mjs OUT_DIR [part ...]
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const [out, ...only] = process.argv.slice(2);
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'";
const server = createServer(async (request, response) => {
  const asked = new URL(request.url, "http://x").pathname;
  const path = asked === "/" ? "/index.html" : asked;
  try {
    const body = await readFile(join(import.meta.dirname, "../dist", path));
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0);
const base = `http://localhost:${server.address().port}/`;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const parts = [
  "forms",
  "cards",
  "states",
  "dialog",
  "page",
  "reader",
  "marks",
  ...["yes", "no", "could_not_check"].map((verdict) => `verdict&verdict=${verdict}`),
].filter((part) => only.length === 0 || only.some((wanted) => part.startsWith(wanted)));
for (const [size, viewport] of Object.entries({
  wide: { width: 1100, height: 760 },
  small: { width: 360, height: 640 },
})) {
  for (const theme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport });
    page.on(
      "console",
      (message) => ["error", "warning"].includes(message.type()) && console.log(message.text()),
    );
    page.on("pageerror", (error) => console.log(error));
    for (const part of parts) {
      await page.goto(
        `${base}?theme=${theme}&part=${part}&language=${process.env.LANGUAGE_OF_PICTURES ?? "en"}`,
      );
      await page.waitForTimeout(300);
      const name = part.replace(/&verdict=/, "-");
      const full = !part.startsWith("verdict") && part !== "dialog";
      await page.screenshot({ path: `${out}/${name}-${size}-${theme}.png`, fullPage: full });
      const cut = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (cut > 0) console.log(`${name} ${size}: ${cut} px too wide`);
    }
    await page.close();
  }
}
await browser.close();
server.close();
