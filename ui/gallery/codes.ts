/** QR codes to read in tests. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";

const wasm = readFileSync(createRequire(import.meta.url).resolve("zxing-wasm/writer/zxing_writer.wasm"));
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });

/** Markup of a code, so many pixels wide; `look` is more of its style. */
export async function code(text: string, width = 360, look = ""): Promise<string> {
  const { svg } = await writeBarcode(text, { format: "QRCode" });
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  return `<img src="${source}" style="width:${width}px;image-rendering:pixelated;background:#fff;padding:12px;${look}">`;
}
