import type { Rollup } from "vite";
import { expect, test } from "vitest";
import { loadedBy } from "./page-size.ts";

function chunk(fileName: string, more: Partial<Rollup.OutputChunk> = {}) {
  return {
    type: "chunk",
    fileName,
    code: "x",
    imports: [],
    dynamicImports: [],
    facadeModuleId: null,
    ...more,
  };
}

test("a page is what it loads: scripts, styles and its own letters, not the decoder", () => {
  const files = [
    chunk("assets/scan.js", {
      facadeModuleId: "/work/scan.html",
      imports: ["assets/shared.js"],
      dynamicImports: ["assets/reader.js"],
      viteMetadata: {
        importedCss: new Set(["assets/a.css"]),
        importedAssets: new Set(["assets/zxing.wasm"]),
      },
    } as Partial<Rollup.OutputChunk>),
    chunk("assets/shared.js"),
    chunk("assets/reader.js"),
    chunk("assets/shop.js", { facadeModuleId: "/work/shop.html" }),
    { type: "asset", fileName: "scan.html", source: "" },
    {
      type: "asset",
      fileName: "assets/a.css",
      source: "@font-face{src:url(./f-latin-1.woff2)}@font-face{src:url(/assets/f-greek-1.woff2)}",
    },
    { type: "asset", fileName: "assets/f-latin-1.woff2", source: "" },
    { type: "asset", fileName: "assets/f-greek-1.woff2", source: "" },
    { type: "asset", fileName: "assets/zxing.wasm", source: "" },
  ];
  const bundle = Object.fromEntries(files.map((file) => [file.fileName, file]));
  expect(loadedBy("scan.html", bundle as unknown as Rollup.OutputBundle)).toEqual([
    "assets/a.css",
    "assets/f-latin-1.woff2",
    "assets/reader.js",
    "assets/scan.js",
    "assets/shared.js",
    "scan.html",
  ]);
});
