// Draws the app's icons from icon.svg: node ui/assets/app-icons.mjs
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

const icons = join(import.meta.dirname, "../../wallet-app/src-tauri/icons");
const drawing = await readFile(join(icons, "icon.svg"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage();

async function draw(size) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${drawing}`);
  return page.screenshot({ omitBackground: true });
}

// An .ico is a list of PNGs: six bytes of head, sixteen for each, then the pictures.
function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  pictures.forEach(({ size, png }, index) => {
    const entry = 6 + 16 * index;
    head.writeUInt8(size % 256, entry);
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(png.length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...pictures.map(({ png }) => png)]);
}

for (const [name, size] of Object.entries({ "32x32": 32, "128x128": 128, "128x128@2x": 256, icon: 512 })) {
  await writeFile(join(icons, `${name}.png`), await draw(size));
}
const sizes = [];
for (const size of [16, 32, 48, 256]) sizes.push({ size, png: await draw(size) });
await writeFile(join(icons, "icon.ico"), ico(sizes));
await browser.close();
